"""What a fold writes while it trains: its log, and from time to time its state, for going on after an end too early."""

import json
import logging
import math
from collections.abc import Callable, Sequence
from pathlib import Path

from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.files import write_text
from atm_gcn.files.refusals import refuse_special
from atm_gcn.training.devices.group import ALONE, Alone
from atm_gcn.training.loop.state import FILE_NAME, load_state, restore, save_state
from atm_gcn.training.loop.trainer import Fitting, Record

log = logging.getLogger(__name__)

LOG = "log.jsonl"
_FIX = "train the fold again with atm-gcn train --resume"


class Keeper:
    """Keeps a fold's training on disk.

    Args:
        folder: Of the fold.
        every: Epochs after which to write the state.
        stop: Whether to leave the training at the next step.
        team: The devices that train together: the one of rank 0 reads, writes and decides for all of them.
    """

    def __init__(self, folder: Path, every: int, stop: Callable[[], bool] = lambda: False, team: Alone = ALONE) -> None:
        self.folder, self.every, self.stop, self.team = folder, every, stop, team

    @property
    def state(self) -> Path:
        """File of the state, which need not exist."""
        return self.folder / FILE_NAME

    def restore(self, fitting: Fitting) -> None:
        """Put a training where the state on disk has it, if there is one.

        Raises:
            ATMGCNError: If it is damaged or does not fit.
        """
        leads = self.team.rank == 0
        state = self.team.decided(load_state(self.state) if leads and self.state.is_file() else None)
        if state:
            restore(fitting, state, self.state)
            name = str(self.folder).rpartition("folds/")[2]
            log.info("fold %s goes on in epoch %d, after step %d", name, fitting.epoch, fitting.step)

    def after_step(self, fitting: Fitting) -> None:
        """Write what is due.

        Raises:
            Interrupted: If the training is to be left here; its state is written then.
            ATMGCNError: If a file cannot be written.
        """
        leads = self.team.rank == 0
        if fitting.step == 0 and leads:
            write_log(self.folder, fitting.log)
        if fitting.is_done:
            return
        stop = self.team.decided(self.stop())
        if leads and (stop or (fitting.step == 0 and (fitting.epoch - 1) % self.every == 0)):
            save_state(self.state, fitting)
        if stop:
            raise Interrupted


def write_log(folder: Path, records: Sequence[Record]) -> None:
    """Write a fold's log, one JSON object a line and epoch."""
    write_text(folder / LOG, "".join(json.dumps(record) + "\n" for record in records))


def read_log(path: Path) -> list[Record]:
    """Read what :func:`write_log` wrote.

    Raises:
        ATMGCNError: If the file is missing or damaged.
    """
    refuse_special(path)
    try:
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError, RecursionError) as error:
        raise ATMGCNError(f"{path}: is missing or damaged ({error}); {_FIX}") from error
    for number, record in enumerate(records, start=1):
        is_whole = isinstance(record, dict) and record.get("epoch") == number and "loss" in record
        if not is_whole or not all(math.isfinite(v) for v in record.values() if isinstance(v, int | float)):
            raise ATMGCNError(f"{path}, line {number}: is not the record of epoch {number}; {_FIX}")
    return records

"""The files that a fold writes while it trains: its log, and from time to time the state to resume from."""

import json
import logging
import math
from collections.abc import Callable, Sequence
from pathlib import Path

from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.files import write_text
from atm_gcn.files.refusals import refuse_special
from atm_gcn.training.devices.group import SINGLE_DEVICE, DeviceGroup
from atm_gcn.training.loop.state import load_state, restore, save_state
from atm_gcn.training.loop.trainer import Record, Trainer
from atm_gcn.training.results.layout import LOG, STATE

log = logging.getLogger(__name__)

_FIX = "train the fold again with atm-gcn train --resume"


class CheckpointManager:
    """Saves the training of a fold, and restores it.

    Args:
        folder: Folder of the fold.
        every: Epochs after which the state is saved.
        stop: Polled after every step; true once the training is to stop.
        group: The devices that train together: rank 0 reads, writes and decides for all of them.
        label: Name of the fold in logs; None takes that of the folder.
    """

    def __init__(
        self,
        folder: Path,
        every: int,
        stop: Callable[[], bool] = lambda: False,
        group: DeviceGroup = SINGLE_DEVICE,
        label: str | None = None,
    ) -> None:
        self.label = label or folder.name
        self.folder, self.every, self.stop, self.group = folder, every, stop, group

    @property
    def state(self) -> Path:
        """File of the state, which may not exist."""
        return self.folder / STATE

    def restore(self, trainer: Trainer) -> None:
        """Resume from the state on disk, if there is one.

        Raises:
            ATMGCNError: If it is damaged or does not fit.
        """
        is_rank_zero = self.group.rank == 0
        state = self.group.broadcast(load_state(self.state) if is_rank_zero and self.state.is_file() else None)
        if state:
            restore(trainer, state, self.state)
            log.info("fold %s goes on in epoch %d, after step %d", self.label, trainer.epoch, trainer.step)

    def after_step(self, trainer: Trainer) -> None:
        """Save the log after an epoch, and the state when it is due or the training is to stop.

        Raises:
            Interrupted: If the training is to stop; its state is saved.
            ATMGCNError: If a file cannot be written.
        """
        is_rank_zero = self.group.rank == 0
        if trainer.step == 0 and is_rank_zero:
            write_log(self.folder, trainer.log)
        if trainer.is_done:
            return
        stop = self.group.broadcast(self.stop())
        if is_rank_zero and (stop or (trainer.step == 0 and (trainer.epoch - 1) % self.every == 0)):
            save_state(self.state, trainer)
        if stop:
            raise Interrupted


def write_log(folder: Path, records: Sequence[Record]) -> None:
    """Write a fold's log, one JSON object per line and epoch."""
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

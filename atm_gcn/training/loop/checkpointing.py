"""The files that a fold writes while it trains: its log, and from time to time the state to resume from."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from atm_gcn.errors import Interrupted
from atm_gcn.training.devices.group import SINGLE_DEVICE, DeviceGroup
from atm_gcn.training.loop.log_file import write_log
from atm_gcn.training.loop.state import load_state, restore, save_state
from atm_gcn.training.loop.trainer import Trainer
from atm_gcn.training.results.layout import STATE

log = logging.getLogger(__name__)


LOG_EVERY = 1.0  # seconds; the log of short epochs is written less often than they end
MOST_OF_TIME = 0.1  # that saving may take


class CheckpointManager:
    """Saves the training of a fold, and restores it.

    Args:
        folder: Folder of the fold.
        every: Epochs after which the state is saved; less often if saving would take more than a tenth of the time.
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
        self._logged, self._saved, self._seconds = 0.0, 0.0, 0.0  # when that was, and what saving took

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
        now = time.monotonic()
        if trainer.step == 0 and is_rank_zero and (trainer.is_done or now - self._logged >= LOG_EVERY):
            write_log(self.folder, trainer.log)
            self._logged = now
        if trainer.is_done:
            return
        stop = self.group.broadcast(self.stop())
        is_due = trainer.step == 0 and (trainer.epoch - 1) % self.every == 0
        if is_rank_zero and (stop or (is_due and (now - self._saved) * MOST_OF_TIME >= self._seconds)):
            save_state(self.state, trainer)
            self._saved = time.monotonic()
            self._seconds = self._saved - now
        if stop:
            raise Interrupted

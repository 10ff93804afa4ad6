"""The log of a fold for TensorBoard, if ``train.compute.tensorboard`` is set: ``tensorboard --logdir RUN/folds``."""

import threading
from contextlib import nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from atm_gcn.errors import ATMGCNError, require
from atm_gcn.files.refusals import write_errors
from atm_gcn.training.loop.trainer import Record


class TensorBoardLog:
    """Writes every number of a fold's records as a curve over its epochs.

    Args:
        folder: Folder of the fold; TensorBoard names the file.

    Raises:
        ATMGCNError: If TensorBoard is not installed.
    """

    def __init__(self, folder: Path) -> None:
        require("tensorboard", "tensorboard", "train.compute.tensorboard")
        self.folder = folder
        self.writer: Any = None

    def __enter__(self) -> Self:
        self._hook, threading.excepthook = threading.excepthook, self._on_error_in_thread
        return self

    def __exit__(self, kind: type | None, *_: BaseException | TracebackType | None) -> None:
        threading.excepthook = self._hook
        if self.writer:
            with suppress(ATMGCNError) if kind else nullcontext(), write_errors(self.folder):
                self.writer.close()

    def __call__(self, record: Record) -> None:
        """Write one epoch; later ones that an interrupted process wrote are discarded.

        Raises:
            ATMGCNError: If the system refuses to write.
        """
        from torch.utils.tensorboard import SummaryWriter

        epoch = record["epoch"]
        with write_errors(self.folder):
            self.writer = self.writer or SummaryWriter(str(self.folder), purge_step=epoch)
            for name, value in record.items():
                if name != "epoch" and isinstance(value, int | float):
                    self.writer.add_scalar(name, value, epoch)
            self.writer.flush()

    def _on_error_in_thread(self, error: threading.ExceptHookArgs) -> None:
        if not issubclass(error.exc_type, OSError):  # which the writer raises again in the next call
            self._hook(error)

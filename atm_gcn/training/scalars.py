"""A fold's log for TensorBoard, where that is wished for: ``tensorboard --logdir RUN/folds``."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from atm_gcn.errors import require
from atm_gcn.training.fitting import Record


class Scalars:
    """Writes every number of a fold's records as a curve over its epochs.

    Args:
        folder: Of the fold; the file's name is TensorBoard's affair.

    Raises:
        ATMGCNError: If TensorBoard is not installed.
    """

    def __init__(self, folder: Path) -> None:
        require("tensorboard", "tensorboard", "train.tensorboard")
        self.folder = folder
        self.writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type | BaseException | TracebackType | None) -> None:
        if self.writer:
            self.writer.close()

    def __call__(self, record: Record) -> None:
        """Write one epoch; one that an earlier process had written already is taken back."""
        from torch.utils.tensorboard import SummaryWriter

        epoch = record["epoch"]
        self.writer = self.writer or SummaryWriter(str(self.folder), purge_step=epoch)
        for name, value in record.items():
            if name != "epoch":
                self.writer.add_scalar(name, value, epoch)
        self.writer.flush()

"""How far a run is: a bar on a terminal, a line a fold elsewhere, both on stderr."""

import logging
import sys
import time
from typing import Any, Self

from tqdm import tqdm

from atm_gcn.training.fold import FoldResult

log = logging.getLogger(__name__)

QUIET_SECONDS = 60.0  # without a terminal, a fold that takes longer says so once in this time


class Progress:
    """Counts epochs over all folds, and from them estimates the time left.

    Args:
        num_folds: Folds to train.
        epochs: Epochs of each.
    """

    def __init__(self, num_folds: int, epochs: int) -> None:
        self.num_folds, self.epochs = num_folds, epochs
        self.fold, self.subject, self.epochs_done = 0, "", 0
        self.start = self.last_line = time.monotonic()
        self.bar = tqdm(
            total=num_folds * epochs,
            unit="epoch",
            disable=not sys.stderr.isatty(),
            dynamic_ncols=True,
            bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed} gone, {remaining} left{postfix}",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.close()

    def begin_fold(self, subject: str) -> None:
        """Say which subject is held out from here on."""
        self.fold += 1
        self.subject = subject
        self.bar.set_description(f"fold {self.fold}/{self.num_folds} ({subject})")

    def end_epoch(self, record: dict[str, Any]) -> None:
        """Count an epoch; ``record`` is one of the fold's log."""
        self.epochs_done += 1
        self.bar.set_postfix_str(f"epoch {record['epoch']}/{self.epochs}, loss {record['loss']:.4f}", refresh=False)
        self.bar.update()
        unfinished = record["epoch"] < self.epochs
        if self.bar.disable and unfinished and time.monotonic() - self.last_line > QUIET_SECONDS:
            self._line(f"epoch {record['epoch']}/{self.epochs}, loss {record['loss']:.4f}")

    def end_fold(self, result: FoldResult) -> None:
        """Say how a fold went."""
        right = sum(map(int.__eq__, result.probabilities.argmax(dim=1).tolist(), result.labels))
        message = f"loss {result.log[-1]['loss']:.4f}, {right} of {len(result.labels)} held-out clips right"
        if self.bar.disable:
            self._line(message)
        else:
            self.bar.write(f"fold {self.fold}/{self.num_folds} ({self.subject}): {message}", file=sys.stderr)

    def _line(self, message: str) -> None:
        self.last_line = time.monotonic()
        left = (self.last_line - self.start) / self.epochs_done * (self.num_folds * self.epochs - self.epochs_done)
        log.info("fold %d/%d (%s): %s; %s left", self.fold, self.num_folds, self.subject, message, _duration(left))


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"

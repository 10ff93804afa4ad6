"""The progress of a run on stderr: a table of folds on a terminal, log lines elsewhere.

The table has a row for the whole run and one for every fold under way; a fold that ends leaves a line above it.
"""

import logging
import sys
import time
from typing import Any, Self

from tqdm import tqdm

from atm_gcn.terminal.progress import bar_size, is_live
from atm_gcn.training.loop.fold import FoldResult
from atm_gcn.training.loop.trainer import Record
from atm_gcn.training.results.outcomes import OUTCOMES

log = logging.getLogger(__name__)

QUIET_SECONDS = 60.0  # between two lines about epochs, without a terminal
WHOLE = "{desc}: {percentage:3.0f}%|{bar}| {elapsed} elapsed{postfix}"
ROW = "  {desc}: {percentage:3.0f}%|{bar}|{postfix}"


class Progress:
    """Counts epochs over all folds, and from them estimates the time left.

    Args:
        num_folds: Folds to train.
        epochs: Epochs of each.
    """

    def __init__(self, num_folds: int, epochs: int) -> None:
        self.num_folds, self.epochs = num_folds, epochs
        self.done, self.trained = 0, 0
        self.running: dict[str, int] = {}  # label -> last epoch that ended
        self.rows: dict[str, tqdm] = {}
        self.live = is_live()
        self.start = self.last_line = time.monotonic()
        self.whole = self._bar(num_folds * epochs, 0, WHOLE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for bar in (*self.rows.values(), self.whole):
            bar.close()

    def begin(self, label: str) -> None:
        """A fold begins, or begins again."""
        self.running[label] = 0
        if self.live and label not in self.rows:
            taken = {-row.pos for row in self.rows.values()}
            self.rows[label] = self._bar(self.epochs, min(set(range(1, len(taken) + 2)) - taken), ROW)
            self.rows[label].set_description_str(label)
        self._show()

    def epoch(self, label: str, record: Record) -> None:
        """An epoch of a fold ended; ``record`` is one of its log."""
        self.running[label] = record["epoch"]
        self.trained += 1
        place = f"epoch {record['epoch']}/{self.epochs}, loss {record['loss']:.4f}"
        if self.live:
            self.rows[label].set_postfix_str(place, refresh=False)
            self.rows[label].update(record["epoch"] - self.rows[label].n)
        elif record["epoch"] < self.epochs and time.monotonic() - self.last_line > QUIET_SECONDS:
            self._line(f"{label}: {place}")
        self._show()

    def end(self, label: str, result: FoldResult) -> None:
        """A fold ended; show its result."""
        self.done += 1
        self.running.pop(label, None)
        message = f"fold {self.done}/{self.num_folds} ({label}): loss {result.log[-1]['loss']:.4f}"
        if result.labels:
            message += f", {OUTCOMES[result.task].held_out_text(result)}"
        if self.live:
            if row := self.rows.pop(label, None):
                row.close()
            self.whole.write(message, file=sys.stderr)
        else:
            self._line(message)
        self._show()

    def _show(self) -> None:
        if self.live:
            self.whole.n = self.done * self.epochs + sum(self.running.values())
            self.whole.set_description_str(f"{self.done} of {self.num_folds} folds done, {len(self.running)} running")
            self.whole.set_postfix_str(f"{self._left()} left")

    def _line(self, message: str) -> None:
        self.last_line = time.monotonic()
        log.info("%s; %s left", message, self._left())

    def _left(self) -> str:
        if not self.trained:
            return "?"
        to_train = (self.num_folds - self.done) * self.epochs - sum(self.running.values())
        return _duration((time.monotonic() - self.start) / self.trained * to_train)

    def _bar(self, total: int, position: int, form: str) -> Any:
        return tqdm(
            total=total,
            position=position,
            bar_format=form,
            leave=not position,
            disable=not self.live,
            mininterval=0,
            file=sys.stderr,
            **bar_size(),
        )


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"

"""What runs on the machines of a Ray cluster: the training of one task, and the mailbox for its news."""

import logging
import time
from typing import Any

from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.training.execution.executor import Work, train_task
from atm_gcn.training.protocol.tasks import Task

Letter = tuple[str, str, Any]
"""``("begin", label, None)``, ``("epoch", label, record)`` or ``("log", label, (level, text))``."""

ASK_EVERY = 1.0  # seconds between a task's questions whether to stop


class Mailbox:
    """Holds letters of tasks until the run collects them, and the run's wish that they stop. A Ray actor."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.stopping = False

    def put(self, letter: Letter) -> None:
        """Add a letter."""
        self.letters.append(letter)

    def collect(self) -> list[Letter]:
        """Take all letters."""
        letters, self.letters = self.letters, []
        return letters

    def stop(self) -> None:
        """Wish that all tasks stop."""
        self.stopping = True

    def is_stopping(self) -> bool:
        """Whether tasks are to stop."""
        return self.stopping


def train_remotely(work: Work, task: Task, mailbox: Any) -> tuple[str, Any]:
    """Train one task. A Ray task.

    Returns:
        ``("result", FoldResult)``, ``("error", text)`` or, with the state saved, ``("left", None)``.
    """
    import ray

    if ray.get(mailbox.is_stopping.remote()):
        return "left", None  # it waited for its turn until now
    _log_to(mailbox, task.label)
    mailbox.put.remote(("begin", task.label, None))
    try:
        result = train_task(
            work, task, lambda record: mailbox.put.remote(("epoch", task.label, record)), _Question(mailbox)
        )
    except Interrupted:
        return "left", None
    except ATMGCNError as error:
        return "error", str(error)
    return "result", result


class _Question:
    """Asks the mailbox whether to stop, but not at every step."""

    def __init__(self, mailbox: Any) -> None:
        self.mailbox, self.asked = mailbox, time.monotonic()

    def __call__(self) -> bool:
        import ray

        if time.monotonic() - self.asked < ASK_EVERY:
            return False
        self.asked = time.monotonic()
        return ray.get(self.mailbox.is_stopping.remote())


def _log_to(mailbox: Any, label: str) -> None:
    logger = logging.getLogger("atm_gcn")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.handlers = [_Sender(mailbox, label)]


class _Sender(logging.Handler):
    def __init__(self, mailbox: Any, label: str) -> None:
        super().__init__()
        self.mailbox, self.label = mailbox, label

    def emit(self, record: logging.LogRecord) -> None:
        self.mailbox.put.remote(("log", self.label, (record.levelno, record.getMessage())))

"""What the worker processes of :mod:`.pool` and :mod:`.ray_executor` share: train a task and report by messages.

A message is a kind and a content:

    ("begin", None)        the task begins
    ("epoch", record)      an epoch of the task ended
    ("log", (level, text))
    ("result", FoldResult)
    ("error", text)        an ATMGCNError
    ("crash", text)        any other exception, with its traceback
    ("stopped", None)      stopped on request, the state saved
"""

import logging
import traceback
from collections.abc import Callable
from typing import Any

import torch

from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.training.execution.executor import RunContext, train_task
from atm_gcn.training.protocol.tasks import Task

log = logging.getLogger(__name__)

Message = tuple[str, Any]
Send = Callable[[Message], None]


def train_and_report(
    context: RunContext, task: Task, send: Send, stop: Callable[[], bool], device: torch.device | None = None
) -> Message:
    """Train a task, sending its progress; the last message is returned instead of sent.

    Raises:
        ConnectionError: If ``send`` finds that nobody receives.
    """
    send(("begin", None))
    try:
        result = train_task(context, task, lambda record: send(("epoch", record)), stop, device)
    except Interrupted:
        return "stopped", None
    except ATMGCNError as error:
        return "error", str(error)
    except ConnectionError:
        raise
    except Exception:
        return "crash", traceback.format_exc()
    return "result", result


def send_log(send: Send) -> None:
    """Send what this process logs, instead of writing it to stderr."""
    logger = logging.getLogger("atm_gcn")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.handlers = [_SendingHandler(send)]


class _SendingHandler(logging.Handler):
    def __init__(self, send: Send) -> None:
        super().__init__()
        self.send = send

    def emit(self, record: logging.LogRecord) -> None:
        self.send(("log", (record.levelno, record.getMessage())))


class RemoteLog:
    """Logs what workers sent; a message that several of them send is logged once."""

    def __init__(self) -> None:
        self.logged: set[str] = set()

    def __call__(self, level: int, message: str) -> None:
        """Log a record of a worker."""
        if message not in self.logged:
            self.logged.add(message)
            log.log(level, message)


def result_of(task: Task, message: Message) -> Any:
    """The result in a task's last message.

    Raises:
        ATMGCNError: If the task failed.
        RuntimeError: If it crashed.
    """
    kind, content = message
    if kind == "error":
        raise ATMGCNError(content)
    if kind == "crash":
        raise RuntimeError(f"fold {task.label} failed in its process:\n{content}")
    return content

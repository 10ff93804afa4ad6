"""One process of the pool: trains the tasks that it is sent, and reports.

Messages to the worker are tasks; messages from it are pairs of a kind and a content:

    ("epoch", record)    an epoch of the task ended
    ("log", (level, text))
    ("result", FoldResult)
    ("error", text)      a stated error
    ("crash", text)      any other one, with its traceback
    ("left", None)       left after a request to stop, the state saved
"""

import logging
import os
import pickle
import signal
import threading
import traceback
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from typing import Any

import torch

from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.training.execution.executor import Work, train_task
from atm_gcn.training.protocol.tasks import Task

Message = tuple[str, Any]


def send(connection: Connection, content: Any) -> None:
    """Send by value; a connection's own way would send handles of shared memory in place of tensors."""
    connection.send_bytes(pickle.dumps(content))


def receive(connection: Connection) -> Any:
    """What :func:`send` sent."""
    return pickle.loads(connection.recv_bytes())


def serve(connection: Connection, device: str | None) -> None:
    """Train task after task until the pool closes the connection; the life of a worker process."""
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all processes of a terminal; the pool passes it on
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    threading.Thread(target=_end_with_the_pool, daemon=True).start()
    _log_to(connection)
    try:
        work: Work = receive(connection)
        while not stop.is_set():
            send(connection, _outcome(work, receive(connection), connection, stop, device))
    except (EOFError, ConnectionError):
        pass  # the pool needs no more


def _outcome(work: Work, task: Task, connection: Connection, stop: threading.Event, device: str | None) -> Message:
    try:
        where = torch.device(device) if device else None
        result = train_task(work, task, lambda record: send(connection, ("epoch", record)), stop.is_set, where)
    except Interrupted:
        return "left", None
    except ATMGCNError as error:
        return "error", str(error)
    except ConnectionError:
        raise
    except Exception:
        return "crash", traceback.format_exc()
    return "result", result


def _end_with_the_pool() -> None:
    """Without this, a worker whose pool was killed would go on to the end of its epoch."""
    wait([parent_process().sentinel])
    os._exit(1)


def _log_to(connection: Connection) -> None:
    logger = logging.getLogger("atm_gcn")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.handlers = [_Sender(connection)]


class _Sender(logging.Handler):
    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.connection = connection

    def emit(self, record: logging.LogRecord) -> None:
        send(self.connection, ("log", (record.levelno, record.getMessage())))

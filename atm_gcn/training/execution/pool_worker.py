"""One process of the pool: trains the tasks that it receives, and sends messages (see :mod:`.worker`)."""

import os
import pickle
import signal
import threading
from contextlib import suppress
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from typing import Any

import torch

from atm_gcn.errors import ATMGCNError
from atm_gcn.training.execution.executor import RunContext
from atm_gcn.training.execution.worker import send_log, train_and_report

_FIX = "train in this one, without jobs (--jobs), or define them at the top level of a module"


def send(connection: Connection, content: Any) -> None:
    """Send by value; ``Connection.send`` would send handles of shared memory instead of tensors.

    Raises:
        ATMGCNError: If it cannot be pickled.
    """
    try:
        packed = pickle.dumps(content)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise ATMGCNError(
            f"the data or the model's builder cannot be sent to another process ({type(error).__name__}: {error}); "
            f"{_FIX}"
        ) from error
    connection.send_bytes(packed)


def receive(connection: Connection) -> Any:
    """Receive what :func:`send` sent."""
    return pickle.loads(connection.recv_bytes())


def serve(connection: Connection, device: str | None) -> None:
    """Train task after task until the pool closes the connection; the main function of a worker process."""
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all processes of a terminal; the pool passes it on
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    threading.Thread(target=end_with_parent, daemon=True).start()
    send_log(lambda message: send(connection, message))
    with suppress(EOFError, ConnectionError):  # the pool closed the connection
        try:
            context: RunContext = receive(connection)
        except (AttributeError, ImportError, TypeError, pickle.UnpicklingError) as error:
            receive(connection)  # the task that the pool waits for
            reason = f"cannot be read in another process ({type(error).__name__}: {error})"
            send(connection, ("error", f"the data or the model's builder {reason}; {_FIX}"))
            return
        where = torch.device(device) if device else None
        while not stop.is_set():
            task = receive(connection)
            send(connection, train_and_report(context, task, lambda m: send(connection, m), stop.is_set, where))


def end_with_parent() -> None:
    """End this process with the one that started it; a worker whose pool was killed would go on otherwise."""
    parent = parent_process()
    if parent:
        wait([parent.sentinel])
        os._exit(1)

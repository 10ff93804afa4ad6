"""Several tasks at a time, each in a process of its own, on this machine."""

import logging
import multiprocessing
import signal
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import wait
from typing import Any

import torch

from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.training.execution.executor import Listener, Results, RunContext
from atm_gcn.training.execution.pool_worker import receive, send, serve
from atm_gcn.training.execution.worker import RemoteLog, result_of
from atm_gcn.training.loop.fold import FoldResult
from atm_gcn.training.protocol.tasks import Task

log = logging.getLogger(__name__)

ATTEMPTS = 2  # of a task whose process dies
POLL_SECONDS = 0.5  # between two looks at the request to stop
JOIN_SECONDS = 10.0  # that an idle process has to end


class PoolExecutor:
    """Trains in a pool of processes. A process that dies is replaced, and its task resumes from its last state.

    Each process computes with ``train.compute.threads`` threads. On a machine with several GPUs, and with the device
    ``auto`` or ``cuda``, the GPUs are assigned to the processes in turn.

    Args:
        jobs: Number of processes.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    def run(self, context: RunContext, tasks: Sequence[Task], listener: Listener, stop: Callable[[], bool]) -> Results:
        """See :meth:`~atm_gcn.training.execution.executor.Executor.run`."""
        waiting, attempts, remote_log = deque(tasks), Counter[str](), RemoteLog()
        names = devices(context.config.train.compute.device, min(self.jobs, len(tasks)))
        workers = [_Worker(context, name) for name in names]
        try:
            while waiting or any(worker.task for worker in workers):
                if stop():
                    raise Interrupted
                for worker in workers:
                    if not worker.task and waiting:
                        attempts[waiting[0].label] += 1
                        worker.begin(waiting.popleft())
                for worker, task in _ready(workers):
                    try:
                        result = worker.take(task, listener, remote_log)
                    except EOFError:
                        _check_attempts(worker, task, attempts[task.label])
                        waiting.appendleft(task)
                        workers[workers.index(worker)] = _Worker(context, worker.device)
                        continue
                    if result:
                        yield task, result
        finally:
            _end(workers)


def devices(name: str, count: int) -> list[str | None]:
    """The device of each of ``count`` processes: the GPUs in turn, where there are several and none is named."""
    gpus = torch.cuda.device_count() if name in ("auto", "cuda") else 0
    return [f"cuda:{number % gpus}" if gpus > 1 else None for number in range(count)]


class _Worker:
    """A process, the connection to it, and the task that it trains."""

    def __init__(self, context: RunContext, device: str | None) -> None:
        processes = start_method()
        self.connection, theirs = processes.Pipe()
        self.process = processes.Process(target=serve, args=(theirs, device))
        self.process.start()
        theirs.close()
        self.context, self.device = context, device
        self.task: Task | None = None
        self.has_context = False

    def begin(self, task: Task) -> None:
        """Send a task, and before the first one the context; both wait until the process reads them."""
        if not self.has_context:
            self.has_context = True
            self._send(self.context)
        self.task = task
        self._send(task)

    def take(self, task: Task, listener: Listener, remote_log: RemoteLog) -> FoldResult | None:
        """Receive a message of the task and pass it on; return the task's result if it is one.

        Raises:
            EOFError: If the process is dead.
            ATMGCNError: If the task failed.
        """
        try:
            kind, content = message = receive(self.connection)
        except OSError as error:  # the process died while it sent a message
            raise EOFError from error
        if kind == "stopped":  # something other than the pool sent it SIGTERM
            raise EOFError
        if kind == "begin":
            listener.begin(task.label)
        elif kind == "epoch":
            listener.epoch(task.label, content)
        elif kind == "log":
            remote_log(*content)
        else:
            self.task = None
            return result_of(task, message)
        return None

    def _send(self, content: Any) -> None:
        with suppress(ConnectionError):  # if the process is dead, reading from it will show
            send(self.connection, content)


def _ready(workers: Sequence[_Worker]) -> Iterator[tuple[_Worker, Task]]:
    """The workers that sent something or died, with their tasks; waits for the first one for a short time."""
    found = wait([worker.connection for worker in workers if worker.task], POLL_SECONDS)
    for worker in list(workers):
        if worker.task and worker.connection in found:
            yield worker, worker.task


def start_method() -> multiprocessing.context.SpawnContext | multiprocessing.context.ForkServerContext:
    """How processes are started; never by a fork of this one, which would copy locks of threads without the threads.

    On a CPU under Linux all are forks of one process that has imported torch and computed nothing. The driver of a GPU
    does not survive a fork.
    """
    if sys.platform != "linux" or torch.cuda.is_available():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([serve.__module__])
    return context


def _check_attempts(worker: _Worker, task: Task, attempts: int) -> None:
    """Raise an :class:`ATMGCNError` if the process of a task died too often; else log that it died."""
    worker.process.join(JOIN_SECONDS)
    code = worker.process.exitcode
    how = f"by signal {signal.Signals(-code).name}" if code and code < 0 else f"with exit code {code}"
    if attempts >= ATTEMPTS:
        raise ATMGCNError(
            f"fold {task.label}: its process ended {how}, {ATTEMPTS} times; where memory ran out, lower --jobs or "
            "train.compute.frames_per_pass, then go on with --resume; a script that trains in several processes needs "
            "if __name__ == '__main__': around its calls"
        )
    log.warning("fold %s: its process ended %s; it resumes in another", task.label, how)


def _end(workers: Sequence[_Worker]) -> None:
    """Let busy processes save their states and end, and idle ones end."""
    for worker in workers:
        if worker.task:
            worker.process.terminate()
    for worker in workers:
        if worker.task:
            _drain(worker)
        worker.connection.close()
    for worker in workers:
        worker.process.join(JOIN_SECONDS)
        worker.process.kill()
        worker.process.join()


def _drain(worker: _Worker) -> None:
    """Read up to the last message: a process cannot end while its messages are not read."""
    with suppress(EOFError, OSError):
        while receive(worker.connection)[0] not in ("stopped", "result", "error", "crash"):
            pass

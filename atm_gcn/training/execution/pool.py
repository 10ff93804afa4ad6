"""Several tasks at a time, each in a process of its own, on this machine."""

import logging
import multiprocessing
import signal
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from typing import Any

import torch

from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.training.execution.executor import Listener, Relay, Work
from atm_gcn.training.execution.pool_worker import receive, send, serve
from atm_gcn.training.loop.fold import FoldResult
from atm_gcn.training.protocol.tasks import Task

log = logging.getLogger(__name__)

ATTEMPTS = 2  # of a task whose process dies
HEARTBEAT = 0.5  # seconds between two looks at the request to stop
PATIENCE = 10.0  # seconds that an idle process has for its end


class Pool:
    """Trains in a pool of processes. A process that dies is replaced, and its task goes on from its last state.

    Each process computes with ``config.train.threads`` threads. On a machine with several GPUs, and with the device
    ``auto`` or ``cuda``, the processes take the GPUs in turn.

    Args:
        jobs: Processes.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    def run(
        self, work: Work, tasks: Sequence[Task], listener: Listener, stop: Callable[[], bool]
    ) -> Iterator[tuple[Task, FoldResult]]:
        """See :meth:`~atm_gcn.training.execution.executor.Executor.run`."""
        waiting, attempts, relay = deque(tasks), Counter(), Relay()
        workers = [_Worker(work, device) for device in devices(work.config.train.device, min(self.jobs, len(tasks)))]
        try:
            while waiting or any(worker.task for worker in workers):
                if stop():
                    raise Interrupted
                for worker in workers:
                    if not worker.task and waiting:
                        attempts[waiting[0].label] += 1
                        listener.begin(waiting[0].label)
                        worker.begin(waiting.popleft())
                for worker in ready(workers):
                    try:
                        task, result = worker.task, worker.take(listener, relay)
                    except EOFError:
                        waiting.appendleft(_task_of_the_dead(worker, attempts))
                        workers[workers.index(worker)] = _Worker(work, worker.device)
                        continue
                    if result:
                        yield task, result
        finally:
            _end(workers)


def devices(name: str, count: int) -> list[str | None]:
    """The device of each of ``count`` processes: the GPUs in turn, where there are several and none is named."""
    gpus = torch.cuda.device_count() if name in ("auto", "cuda") else 0
    return [f"cuda:{number % gpus}" if gpus > 1 else None for number in range(count)]


def ready(workers: "Sequence[_Worker]") -> "list[_Worker]":
    """The busy workers that have something to tell, or died; waits a little for one."""
    busy = {worker.connection: worker for worker in workers if worker.task}
    return [busy[connection] for connection in wait(list(busy), HEARTBEAT)]


class _Worker:
    """A process, the connection to it, and the task that it is at."""

    def __init__(self, work: Work, device: str | None) -> None:
        context = _context()
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, device))
        self.process.start()
        theirs.close()
        self.work, self.device = work, device
        self.task: Task | None = None
        self.has_work = False

    def begin(self, task: Task) -> None:
        """Send a task, and before the first one the work; both wait until the process is there to read them."""
        if not self.has_work:
            self.has_work = True
            self._send(self.work)
        self.task = task
        self._send(task)

    def take(self, listener: Listener, relay: Relay) -> FoldResult | None:
        """Receive a message and do what it asks for; return the task's result if it is one.

        Raises:
            EOFError: If the process is dead.
            ATMGCNError: If the task failed.
        """
        try:
            kind, content = receive(self.connection)
        except OSError as error:  # the end came in the middle of a message
            raise EOFError from error
        if kind == "epoch":
            listener.epoch(self.task.label, content)
            return None
        if kind == "log":
            relay(*content)
            return None
        if kind == "left":  # somebody else asked this process to end
            raise EOFError
        label, self.task = self.task.label, None
        if kind == "error":
            raise ATMGCNError(content)
        if kind == "crash":
            raise RuntimeError(f"fold {label} failed in its process:\n{content}")
        return content

    def _send(self, content: Any) -> None:
        with suppress(ConnectionError):  # if the process is dead, reading from it will tell
            send(self.connection, content)


def _context() -> BaseContext:
    """How processes are started. Never by a fork of this one, which would inherit threads' locks, but not the threads.

    On a CPU under Linux all are forks of one process that has imported torch and computed nothing. A GPU's driver does
    not survive a fork.
    """
    if sys.platform != "linux" or torch.cuda.is_available():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([serve.__module__])
    return context


def _task_of_the_dead(worker: _Worker, attempts: Counter) -> Task:
    worker.process.join(PATIENCE)
    label, code = worker.task.label, worker.process.exitcode
    how = f"by signal {signal.Signals(-code).name}" if code and code < 0 else f"with exit code {code}"
    if attempts[label] >= ATTEMPTS:
        raise ATMGCNError(
            f"fold {label}: its process ended {how}, {ATTEMPTS} times; where memory ran out, lower --jobs or "
            "train.max_frames, then go on with --resume"
        )
    log.warning("fold %s: its process ended %s; it goes on in another", label, how)
    return worker.task


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
        worker.process.join(PATIENCE)
        worker.process.kill()
        worker.process.join()


def _drain(worker: _Worker) -> None:
    """Read until the process is at its end, for it cannot end while nobody reads."""
    with suppress(EOFError, OSError):
        while receive(worker.connection)[0] not in ("left", "result", "error", "crash"):
            pass

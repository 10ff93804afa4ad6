"""Tasks on a Ray cluster, of this machine or of many."""

import logging
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from atm_gcn.config import TrainConfig
from atm_gcn.errors import ATMGCNError, Interrupted, require
from atm_gcn.machine import available_cores
from atm_gcn.training.execution.executor import Listener, Relay, Work
from atm_gcn.training.execution.ray_worker import Mailbox, train_remotely
from atm_gcn.training.loop.fold import FoldResult
from atm_gcn.training.protocol.tasks import Task

LOST_WORKERS = 3  # of one task
HEARTBEAT = 0.5  # seconds between two looks at the cluster
ENVIRONMENT = {  # of a cluster made here
    "RAY_USAGE_STATS_ENABLED": "0",  # Ray would report to its makers
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # and warn of a change in what tasks without a GPU see of one
}


class RayCluster:
    """Trains on Ray. A task whose worker is lost is run again, from its last state where that is still to be seen.

    A task asks for ``config.train.threads`` CPUs and, where the cluster has GPUs and the device is not the CPU, for
    ``config.train.gpus_per_fold`` of a GPU. The machines need this version of atm_gcn, the frame store at the same
    path, and the run's folder at the same path too if tasks are to go on from their states. Results are equal bit for
    bit where the machines have processors of one kind.

    Args:
        address: Of a cluster, for instance ``"auto"`` or ``"ray://head:10001"``; None makes one on this machine.
        jobs: Most tasks at a time; None leaves that to the cluster.

    Raises:
        ATMGCNError: If Ray is not installed.
    """

    def __init__(self, address: str | None = None, jobs: int | None = None) -> None:
        self.ray = require("ray", "ray", "--ray")
        self.address, self.jobs, self.relay = address, jobs, Relay()

    def run(
        self, work: Work, tasks: Sequence[Task], listener: Listener, stop: Callable[[], bool]
    ) -> Iterator[tuple[Task, FoldResult]]:
        """See :meth:`~atm_gcn.training.execution.executor.Executor.run`."""
        with _connected(self.ray, self.address, work.config.train.threads):
            mailbox = self.ray.remote(Mailbox).options(num_cpus=0, max_restarts=-1, max_task_retries=-1).remote()
            train = self.ray.remote(train_remotely).options(**self._needs(work.config.train))
            shared, waiting, running = self.ray.put(work), list(tasks), {}
            try:
                while waiting or running:
                    if stop():
                        raise Interrupted
                    while waiting and len(running) < (self.jobs or len(tasks)):
                        task = waiting.pop(0)
                        running[train.remote(shared, task, mailbox)] = task
                    for reference in self._ready(running, mailbox, listener):
                        task = running.pop(reference)
                        yield task, self._result(task, reference)
            finally:
                self._leave(running, mailbox)

    def _needs(self, settings: TrainConfig) -> dict[str, Any]:
        has_gpus = "GPU" in self.ray.cluster_resources() and settings.device != "cpu"
        return {
            "num_cpus": settings.threads,
            "num_gpus": settings.gpus_per_fold if has_gpus else 0,
            "max_retries": LOST_WORKERS,
        }

    def _ready(self, running: dict[Any, Task], mailbox: Any, listener: Listener) -> list[Any]:
        done, _ = self.ray.wait(list(running), timeout=HEARTBEAT)
        labels = {task.label for task in running.values()}  # a letter may come later than the result
        for kind, label, content in self.ray.get(mailbox.collect.remote()):
            if kind == "log":
                self.relay(*content)
            elif kind == "begin" and label in labels:
                listener.begin(label)
            elif kind == "epoch" and label in labels:
                listener.epoch(label, content)
        return done

    def _result(self, task: Task, reference: Any) -> FoldResult:
        try:
            kind, content = self.ray.get(reference)
        except self.ray.exceptions.WorkerCrashedError as error:
            raise ATMGCNError(
                f"fold {task.label}: lost {LOST_WORKERS + 1} workers; where memory ran out, lower --jobs or "
                "train.max_frames, then go on with --resume"
            ) from error
        if kind == "error":
            raise ATMGCNError(content)
        return content

    def _leave(self, running: dict[Any, Task], mailbox: Any) -> None:
        """Let tasks under way save their states and end."""
        while running:
            mailbox.stop.remote()  # again and again, for a mailbox that was lost begins anew
            done, _ = self.ray.wait(list(running), timeout=HEARTBEAT)
            for reference in done:
                running.pop(reference)


@contextmanager
def _connected(ray: ModuleType, address: str | None, threads: int) -> Iterator[None]:
    """Connect to a cluster, or make one here with at least ``threads`` CPUs to its name."""
    on_terminate = signal.getsignal(signal.SIGTERM)
    options: dict[str, Any] = {"address": address} if address else {"num_cpus": max(available_cores(), threads)}
    if not address:
        os.environ.update({name: os.environ.get(name, value) for name, value in ENVIRONMENT.items()})
        options["include_dashboard"] = False
    try:
        ray.init(logging_level=logging.WARNING, log_to_driver=False, **options)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ATMGCNError(f"--ray {address or 'local'}: cannot be reached ({str(error).splitlines()[0]})") from error
    signal.signal(signal.SIGTERM, on_terminate)  # which Ray takes for itself
    try:
        yield
    finally:
        ray.shutdown()

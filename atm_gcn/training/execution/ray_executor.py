"""Tasks on a Ray cluster of one or many machines."""

import logging
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from atm_gcn.config import ComputeConfig
from atm_gcn.errors import ATMGCNError, Interrupted, require
from atm_gcn.machine import available_cores
from atm_gcn.training.devices.threads import default_threads
from atm_gcn.training.execution.executor import Listener, Results, RunContext
from atm_gcn.training.execution.ray_worker import MessageQueue, train_remotely
from atm_gcn.training.execution.worker import RemoteLog, result_of
from atm_gcn.training.loop.fold import FoldResult
from atm_gcn.training.protocol.tasks import Task

LOST_WORKERS = 3  # of one task
POLL_SECONDS = 0.5  # between two looks at the cluster
ENVIRONMENT = {  # of a cluster started here
    "RAY_USAGE_STATS_ENABLED": "0",  # Ray would send usage statistics
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # Ray would warn that tasks without a GPU stop seeing one
}


class RayExecutor:
    """Trains on Ray. A task whose worker is lost is run again, from its last state if that is readable.

    A task requests ``train.compute.threads`` CPUs and, if the cluster has GPUs and the device is not the CPU,
    ``train.compute.gpus_per_fold`` of a GPU. All machines need this version of atm_gcn and the frame store at the same
    path, and the run's folder at the same path too if tasks are to resume from their states. Results are equal bit
    for bit on machines with processors of one kind.

    Args:
        address: Of a cluster, for instance ``"auto"`` or ``"ray://head:10001"``; None starts one on this machine.
        jobs: Most tasks at a time; None leaves that to the cluster.

    Raises:
        ATMGCNError: If Ray is not installed.
    """

    def __init__(self, address: str | None = None, jobs: int | None = None) -> None:
        self.ray = require("ray", "ray", "--ray")
        self.address, self.jobs, self.remote_log = address, jobs, RemoteLog()

    def run(self, context: RunContext, tasks: Sequence[Task], listener: Listener, stop: Callable[[], bool]) -> Results:
        """See :meth:`~atm_gcn.training.execution.executor.Executor.run`."""
        settings = context.config.train.compute
        threads = settings.threads or default_threads()
        with _connected(self.ray, self.address, threads):
            queue = self.ray.remote(MessageQueue).options(num_cpus=0, max_restarts=-1, max_task_retries=-1).remote()
            train = self.ray.remote(train_remotely).options(**self._needs(settings, threads))
            shared, waiting = self.ray.put(context), list(tasks)
            running: dict[Any, Task] = {}
            try:
                while waiting or running:
                    if stop():
                        raise Interrupted
                    while waiting and len(running) < (self.jobs or len(tasks)):
                        task = waiting.pop(0)
                        running[train.remote(shared, task, queue)] = task
                    for reference in self._ready(running, queue, listener):
                        task = running.pop(reference)
                        yield task, self._result(task, reference)
            finally:
                self._stop(running, queue)

    def _needs(self, settings: ComputeConfig, threads: int) -> dict[str, Any]:
        has_gpus = "GPU" in self.ray.cluster_resources() and settings.device != "cpu"
        return {
            "num_cpus": threads,
            "num_gpus": settings.gpus_per_fold if has_gpus else 0,
            "max_retries": LOST_WORKERS,
        }

    def _ready(self, running: dict[Any, Task], queue: Any, listener: Listener) -> list[Any]:
        done, _ = self.ray.wait(list(running), timeout=POLL_SECONDS)
        labels = {task.label for task in running.values()}  # a message may arrive later than the result
        for label, (kind, content) in self.ray.get(queue.collect.remote()):
            if kind == "log":
                self.remote_log(*content)
            elif kind == "begin" and label in labels:
                listener.begin(label)
            elif kind == "epoch" and label in labels:
                listener.epoch(label, content)
        return done

    def _result(self, task: Task, reference: Any) -> FoldResult:
        try:
            message = self.ray.get(reference)
        except self.ray.exceptions.WorkerCrashedError as error:
            raise ATMGCNError(
                f"fold {task.label}: lost {LOST_WORKERS + 1} workers; where memory ran out, lower --jobs or "
                "train.compute.frames_per_pass, then go on with --resume"
            ) from error
        return result_of(task, message)

    def _stop(self, running: dict[Any, Task], queue: Any) -> None:
        """Let tasks under way save their states and end."""
        while running:
            queue.stop.remote()  # repeated, since a queue that was lost is started again without the request
            done, _ = self.ray.wait(list(running), timeout=POLL_SECONDS)
            for reference in done:
                running.pop(reference)


@contextmanager
def _connected(ray: ModuleType, address: str | None, threads: int) -> Iterator[None]:
    """Connect to a cluster, or start one here with at least ``threads`` CPUs."""
    on_terminate = signal.getsignal(signal.SIGTERM)
    options: dict[str, Any] = {"address": address} if address else {"num_cpus": max(available_cores(), threads)}
    if not address:
        os.environ.update({name: os.environ.get(name, value) for name, value in ENVIRONMENT.items()})
        options["include_dashboard"] = False
    try:
        ray.init(logging_level=logging.WARNING, log_to_driver=False, **options)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ATMGCNError(f"--ray {address or 'local'}: cannot be reached ({str(error).splitlines()[0]})") from error
    signal.signal(signal.SIGTERM, on_terminate)  # Ray replaces the handler
    try:
        yield
    finally:
        ray.shutdown()

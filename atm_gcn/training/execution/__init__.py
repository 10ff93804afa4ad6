"""Where the tasks of a run are trained: in this process, in a pool of processes, on a Ray cluster, on several devices.

An executor is given all tasks and yields their results in any order. With each of them, a task is the same function of
the same arguments (:func:`~atm_gcn.training.execution.executor.train_task`) and gives the same result.
"""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.training.execution.executor import Executor, Listener, RunContext
    from atm_gcn.training.execution.pool import PoolExecutor
    from atm_gcn.training.execution.ray_executor import RayExecutor
    from atm_gcn.training.execution.serial import SerialExecutor

__all__ = ["Executor", "Listener", "PoolExecutor", "RayExecutor", "RunContext", "SerialExecutor"]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Executor": "executor",
        "Listener": "executor",
        "PoolExecutor": "pool",
        "RayExecutor": "ray_executor",
        "RunContext": "executor",
        "SerialExecutor": "serial",
    },
)

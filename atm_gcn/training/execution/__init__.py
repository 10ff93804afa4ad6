"""Where the tasks of a run are trained: in this process, in a pool of processes, or on a Ray cluster.

An executor is given all tasks and yields their results in any order. Whichever it is, a task is the same function of
the same arguments (:func:`~atm_gcn.training.execution.executor.train_task`) and gives the same result.
"""

from atm_gcn.training.execution.executor import Executor, Listener, Work
from atm_gcn.training.execution.pool import Pool
from atm_gcn.training.execution.ray_executor import RayCluster
from atm_gcn.training.execution.serial import Here

__all__ = ["Executor", "Here", "Listener", "Pool", "RayCluster", "Work"]

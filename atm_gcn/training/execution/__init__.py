"""Where the tasks of a run are trained: in this process, in a pool of processes, or on a Ray cluster.

An executor is given all tasks and yields their results in any order. Whichever it is, a task is the same function of
the same arguments (:func:`~atm_gcn.training.execution.work.train_task`) and gives the same result.
"""

from atm_gcn.training.execution.cluster import RayCluster
from atm_gcn.training.execution.here import Here
from atm_gcn.training.execution.pool import Pool
from atm_gcn.training.execution.work import Executor, Listener, Work

__all__ = ["Executor", "Here", "Listener", "Pool", "RayCluster", "Work"]

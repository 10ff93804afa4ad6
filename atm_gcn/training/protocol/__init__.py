"""The folds, seeds and tasks of a run, and the check that no data leaks between training and test."""

from atm_gcn.training.protocol.leakage import Tie, check_leakage, ties_of
from atm_gcn.training.protocol.seeds import derive_seed
from atm_gcn.training.protocol.splits import Fold
from atm_gcn.training.protocol.tasks import Task, describe_protocol, folds_of, tasks_of

__all__ = [
    "Fold",
    "Task",
    "Tie",
    "check_leakage",
    "derive_seed",
    "describe_protocol",
    "folds_of",
    "tasks_of",
    "ties_of",
]

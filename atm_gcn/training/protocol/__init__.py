"""The folds, seeds and tasks of a run, and the check that no data leaks between training and test."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.training.protocol.description import describe_protocol
    from atm_gcn.training.protocol.leakage import Tie, check_leakage, ties_of
    from atm_gcn.training.protocol.seeds import derive_seed
    from atm_gcn.training.protocol.splits import Fold
    from atm_gcn.training.protocol.tasks import Task, folds_of, tasks_of

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
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Fold": "splits",
        "Task": "tasks",
        "Tie": "leakage",
        "check_leakage": "leakage",
        "derive_seed": "seeds",
        "describe_protocol": "description",
        "folds_of": "tasks",
        "tasks_of": "tasks",
        "ties_of": "leakage",
    },
)

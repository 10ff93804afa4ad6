"""The training of one fold: batches, steps, epochs, early stopping, and resumable state."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.training.loop.checkpointing import CheckpointManager
    from atm_gcn.training.loop.fold import FoldResult, train_fold
    from atm_gcn.training.loop.step import predict
    from atm_gcn.training.loop.trainer import Diverged, EpochDecision, StoppingRule, Trainer

__all__ = [
    "CheckpointManager",
    "Diverged",
    "EpochDecision",
    "FoldResult",
    "StoppingRule",
    "Trainer",
    "predict",
    "train_fold",
]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "CheckpointManager": "checkpointing",
        "Diverged": "trainer",
        "EpochDecision": "trainer",
        "FoldResult": "fold",
        "StoppingRule": "trainer",
        "Trainer": "trainer",
        "predict": "step",
        "train_fold": "fold",
    },
)

"""Early stopping on the clips of validation subjects, never on held-out ones."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.loader import DataLoader

from atm_gcn.config import ProtocolConfig
from atm_gcn.defaults import THRESHOLD, Task
from atm_gcn.metrics import scores, unit_scores
from atm_gcn.training.loop.step import predict
from atm_gcn.training.loop.trainer import EpochDecision, Record, StoppingRule

TINY = 1e-12  # keeps the logarithm of a probability of 0 finite


def validation_stopping_rule(
    loader: DataLoader, targets: Sequence[Any], settings: ProtocolConfig, task: Task = "emotion"
) -> StoppingRule:
    """A stopping rule that scores every epoch's model on the validation clips.

    It adds ``val_uf1`` (of action units, their mean F1) and ``val_loss`` (cross-entropy) to the epoch's record, keeps
    the model of the best epoch by ``settings.select`` (of equal ones, the first), and stops ``settings.patience``
    epochs after it.

    Args:
        loader: The validation clips, in the order of ``targets``.
        targets: Their classes, or the states of their action units.
        settings: ``select`` and ``patience``.
        task: What the targets are.
    """

    def decide(model: nn.Module, log: list[Record]) -> EpochDecision:
        log[-1].update(validate(predict(model, loader, task), targets, task))
        best = best_epoch(log, settings.select)
        waited = log[-1]["epoch"] - best
        return EpochDecision(keep=waited == 0, stop=settings.patience is not None and waited >= settings.patience)

    return decide


def validate(probabilities: Tensor, targets: Sequence[Any], task: Task = "emotion") -> dict[str, float]:
    """Unweighted mean of F1 over all classes or units, and mean cross-entropy, of probabilities ``[num_clips, C]``."""
    true = torch.tensor(targets)
    if task == "action-units":
        own = torch.where(true > 0, probabilities, 1 - probabilities)[true >= 0]
        f1 = unit_scores(true, probabilities > THRESHOLD).mean_f1
        return {"val_uf1": f1, "val_loss": float(-own.clamp_min(TINY).log().mean())}
    loss = -probabilities[torch.arange(len(true)), true].clamp_min(TINY).log().mean()
    uf1 = scores(true, probabilities.argmax(dim=1), probabilities.size(1)).uf1
    return {"val_uf1": uf1, "val_loss": float(loss)}


def best_epoch(log: list[Record], select: str) -> int:
    """Number of the epoch with the highest ``val_uf1`` or the lowest ``val_loss``; of equal ones, the first.

    Validation clips are few, so that several epochs often have the same UF1; among those, the lowest loss decides.
    """
    keys: dict[str, Callable[[Record], tuple[float, ...]]] = {
        "uf1": lambda record: (-record["val_uf1"], record["val_loss"]),
        "loss": lambda record: (record["val_loss"],),
    }
    return min(log, key=keys[select])["epoch"]

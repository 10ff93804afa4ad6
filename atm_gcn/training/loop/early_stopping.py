"""Which epoch's model to keep, and when to stop: by the clips of validation subjects, never by held-out ones."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.loader import DataLoader

from atm_gcn.config import TrainConfig
from atm_gcn.metrics import scores
from atm_gcn.training.loop.step import predict
from atm_gcn.training.loop.trainer import Judge, Verdict

TINY = 1e-12  # keeps the logarithm of a probability of 0 finite


def validation_judge(loader: DataLoader, labels: list[int], settings: TrainConfig) -> Judge:
    """A judge that scores every epoch's model on the validation clips.

    It adds ``val_uf1`` and ``val_loss`` (cross-entropy) to the epoch's record, keeps the model of the best epoch by
    ``settings.select``, the earlier one of two equal ones, and stops ``settings.patience`` epochs after it.

    Args:
        loader: The validation clips, in the order of ``labels``.
        labels: Their classes.
        settings: ``select`` and ``patience``.
    """

    def judge(model: nn.Module, log: list[dict[str, Any]]) -> Verdict:
        log[-1].update(validate(predict(model, loader), labels))
        best = best_epoch(log, settings.select)
        waited = log[-1]["epoch"] - best
        return Verdict(keep=waited == 0, stop=settings.patience is not None and waited >= settings.patience)

    return judge


def validate(probabilities: Tensor, labels: list[int]) -> dict[str, float]:
    """UF1 over all classes, and mean cross-entropy, of probabilities ``[num_clips, C]``."""
    true = torch.tensor(labels)
    loss = -probabilities[torch.arange(len(true)), true].clamp_min(TINY).log().mean()
    uf1 = scores(true, probabilities.argmax(dim=1), probabilities.size(1)).uf1
    return {"val_uf1": uf1, "val_loss": float(loss)}


def best_epoch(log: list[dict[str, Any]], select: str) -> int:
    """Number of the epoch with the highest ``val_uf1`` or the lowest ``val_loss``; of equal ones, the first.

    Several epochs often have one UF1, for validation clips are few: among those, the lowest loss decides.
    """
    keys: dict[str, Callable[[dict[str, Any]], tuple[float, ...]]] = {
        "uf1": lambda record: (-record["val_uf1"], record["val_loss"]),
        "loss": lambda record: (record["val_loss"],),
    }
    return min(log, key=keys[select])["epoch"]

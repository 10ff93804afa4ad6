"""The training of one model, epoch after epoch."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch_geometric.loader import DataLoader

from atm_gcn.config import TrainConfig
from atm_gcn.losses import class_weights, focal_loss
from atm_gcn.training.augment import Augment
from atm_gcn.training.seeds import derive_seed
from atm_gcn.training.step import train_epoch

Record = dict[str, Any]
OnEpoch = Callable[[Record], None]


class Verdict(NamedTuple):
    """What a :data:`Judge` says of the epoch that just ended.

    Args:
        keep: Its model is the best so far; the last one kept is the one that training ends with.
        stop: Train no further.
    """

    keep: bool = False
    stop: bool = False


Judge = Callable[[nn.Module, list[Record]], Verdict]
"""Looks at the model and at the log so far, whose last record is this epoch's and may be added to, for instance with a
validation loss. All that it goes by is in those two, so that a judge has no state to save."""


def loss_function(
    settings: TrainConfig, labels: list[int], num_classes: int, device: torch.device
) -> Callable[[Tensor, Tensor], Tensor]:
    """Focal loss with the weights that the training clips' ``labels`` give."""
    weight = class_weights(labels, num_classes).to(device) if settings.class_weights else None
    return partial(focal_loss, gamma=settings.focal_gamma, weight=weight)


def fit(
    model: nn.Module,
    loader: DataLoader,
    loss: Callable[[Tensor, Tensor], Tensor],
    settings: TrainConfig,
    seed: int,
    on_epoch: OnEpoch | None = None,
    judge: Judge | None = None,
) -> list[Record]:
    """Train a model in place with AdamW and an exponentially decaying learning rate; return the log."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.lr, weight_decay=settings.weight_decay)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, settings.lr_decay)
    augment = Augment.from_config(settings)
    generator = torch.Generator().manual_seed(derive_seed(seed, "augmentation"))
    log: list[Record] = []
    best: dict[str, Tensor] | None = None
    for epoch in range(1, settings.epochs + 1):
        start, lr = time.perf_counter(), scheduler.get_last_lr()[0]
        averages = train_epoch(model, loader, loss, optimizer, partial(augment, generator=generator))
        scheduler.step()
        log.append({"epoch": epoch, **averages, "lr": lr, "seconds": time.perf_counter() - start})
        verdict = judge(model, log) if judge else Verdict()
        if verdict.keep:
            best = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
        if on_epoch:
            on_epoch(log[-1])
        if verdict.stop:
            break
    if best is not None:
        model.load_state_dict(best)
    return log

"""The training of one model, epoch after epoch."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.loader import DataLoader

from atm_gcn.config import TrainConfig
from atm_gcn.losses import class_weights, focal_loss
from atm_gcn.training.augment import Augment
from atm_gcn.training.seeds import derive_seed
from atm_gcn.training.step import train_epoch

OnEpoch = Callable[[dict[str, Any]], None]


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
) -> list[dict[str, Any]]:
    """Train a model in place with AdamW and an exponentially decaying learning rate; return the log."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.lr, weight_decay=settings.weight_decay)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, settings.lr_decay)
    augment = Augment.from_config(settings)
    generator = torch.Generator().manual_seed(derive_seed(seed, "augmentation"))
    log: list[dict[str, Any]] = []
    for epoch in range(1, settings.epochs + 1):
        start, lr = time.perf_counter(), scheduler.get_last_lr()[0]
        averages = train_epoch(model, loader, loss, optimizer, partial(augment, generator=generator))
        scheduler.step()
        log.append({"epoch": epoch, **averages, "lr": lr, "seconds": time.perf_counter() - start})
        if on_epoch:
            on_epoch(log[-1])
    return log

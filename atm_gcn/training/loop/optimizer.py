"""The optimiser of a training and the schedule of its learning rate."""

import torch
from torch import nn
from torch.optim.lr_scheduler import ExponentialLR, LambdaLR, LRScheduler

from atm_gcn.config import OptimConfig
from atm_gcn.training.loop.parameter_groups import parameter_groups

MOMENTUM = 0.9
DROP = 0.1
SLOTS = {"adamw": {"step", "exp_avg", "exp_avg_sq"}, "sgd": {"momentum_buffer"}}
"""Tensors that an optimiser keeps of every parameter that had a gradient."""


def optimizer_of(model: nn.Module, settings: OptimConfig) -> torch.optim.Optimizer:
    """AdamW, or SGD with Nesterov's momentum."""
    groups, decay = parameter_groups(model, settings), settings.weight_decay
    if settings.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=settings.lr, momentum=MOMENTUM, nesterov=True, weight_decay=decay)
    return torch.optim.AdamW(groups, lr=settings.lr, weight_decay=decay)


def schedule_of(optimizer: torch.optim.Optimizer, settings: OptimConfig) -> LRScheduler:
    """The learning rate of every epoch: it decays exponentially, perhaps only at first, and drops before some epochs."""
    if settings.lr_decay_epochs is None and not settings.lr_drops:
        return ExponentialLR(optimizer, settings.lr_decay)
    return LambdaLR(optimizer, lambda ended: factor_after(ended, settings))


def factor_after(ended: int, settings: OptimConfig) -> float:
    """Factor on the first learning rate in the epoch after ``ended`` ones."""
    decays = ended if settings.lr_decay_epochs is None else min(ended, settings.lr_decay_epochs)
    drops = sum(epoch <= ended + 1 for epoch in settings.lr_drops)
    return settings.lr_decay**decays * DROP**drops

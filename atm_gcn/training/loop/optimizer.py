"""The optimiser of a training, its groups of parameters, and the schedule of its learning rate."""

import logging
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import ExponentialLR, LambdaLR, LRScheduler

from atm_gcn.config import OptimConfig
from atm_gcn.graph import AdaptiveTM
from atm_gcn.graph.weighting_parameters import WeightingParameters
from atm_gcn.training.devices.device import log_once

ADAPTIVE = (AdaptiveTM, WeightingParameters)
"""Modules whose own parameters adapt the edge weights."""
FUSED = ("cpu", "cuda")
MOMENTUM = 0.9
DROP = 0.1
SLOTS = {"adamw": {"step", "exp_avg", "exp_avg_sq"}, "sgd": {"momentum_buffer"}}
"""Tensors that an optimiser keeps of every parameter that had a gradient."""


def optimizer_of(model: nn.Module, settings: OptimConfig) -> torch.optim.Optimizer:
    """AdamW, or SGD with Nesterov's momentum; one kernel updates a parameter where torch has one for its device."""
    groups, decay = parameter_groups(model, settings), settings.weight_decay
    fused = next(model.parameters()).device.type in FUSED
    if settings.optimizer == "sgd":
        kind = {"momentum": MOMENTUM, "nesterov": True}
        return torch.optim.SGD(groups, lr=settings.lr, weight_decay=decay, fused=fused, **kind)  # type: ignore[arg-type]
    return torch.optim.AdamW(groups, lr=settings.lr, weight_decay=decay, fused=fused)


def schedule_of(optimizer: torch.optim.Optimizer, settings: OptimConfig) -> LRScheduler:
    """The learning rate of every epoch: it decays, perhaps only at first, and drops before some epochs."""
    if settings.lr_decay_epochs is None and not settings.lr_drops:
        return ExponentialLR(optimizer, settings.lr_decay)
    return LambdaLR(optimizer, lambda ended: factor_after(ended, settings))


def factor_after(ended: int, settings: OptimConfig) -> float:
    """Factor on the first learning rate in the epoch after ``ended`` ones."""
    decays = ended if settings.lr_decay_epochs is None else min(ended, settings.lr_decay_epochs)
    drops = sum(epoch <= ended + 1 for epoch in settings.lr_drops)
    return settings.lr_decay**decays * DROP**drops


def parameter_groups(model: nn.Module, settings: OptimConfig) -> list[dict[str, Any]]:
    """The parameters of a model as the groups of a torch optimiser.

    One group, in the order of the model's parameters, if they have one learning rate; else two, of which the second
    holds the parameters of all modules of :data:`ADAPTIVE`, with ``adaptive_lr`` times the learning rate.
    """
    parameters = list(model.parameters())
    if settings.adaptive_lr == 1:
        return [{"params": parameters}]
    modules = (module for module in model.modules() if isinstance(module, ADAPTIVE))
    adaptive = {id(parameter) for module in modules for parameter in module.parameters()}
    if not adaptive:
        log_once("train.optim.adaptive_lr has no effect: the model has no edge weights that adapt", logging.WARNING)
        return [{"params": parameters}]
    others = [parameter for parameter in parameters if id(parameter) not in adaptive]
    own = [parameter for parameter in parameters if id(parameter) in adaptive]
    return [{"params": others}, {"params": own, "lr": settings.lr * settings.adaptive_lr}]

"""The groups of parameters that the optimiser gives different learning rates."""

import logging
from typing import Any

from torch import nn

from atm_gcn.config import OptimConfig
from atm_gcn.graph import AdaptiveTM
from atm_gcn.graph.weighting_parameters import WeightingParameters
from atm_gcn.training.devices.device import log_once

ADAPTIVE = (AdaptiveTM, WeightingParameters)
"""Modules whose own parameters adapt the edge weights."""


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

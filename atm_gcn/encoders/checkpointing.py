"""Activation checkpointing: keep the outputs that are expensive to compute, recompute the rest in the backward pass."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase
from torch.utils.checkpoint import CheckpointPolicy, checkpoint, create_selective_checkpoint_contexts

CONVOLUTIONS = (torch.ops.aten.convolution.default, torch.ops.aten.mkldnn_convolution.default)


def recomputed(module: nn.Module, *inputs: Any) -> Any:
    """Call a module, keeping only its inputs and the outputs of its 3 x 3 convolutions for the backward pass.

    Batch norm, ReLU and the like are recomputed in the backward pass. The running statistics of batch norm are updated
    once, in the forward pass.
    """
    contexts = partial(_contexts, module)
    return checkpoint(module, *inputs, use_reentrant=False, context_fn=contexts, preserve_rng_state=False)


def _contexts(module: nn.Module) -> tuple[AbstractContextManager, AbstractContextManager]:
    keep, reuse = create_selective_checkpoint_contexts(_policy)
    return keep, _both(statistics_kept(module), reuse)


def _policy(context: Any, operator: Any, *args: Any, **kwargs: Any) -> CheckpointPolicy:
    if operator in CONVOLUTIONS and args[1].shape[-1] > 1:
        return CheckpointPolicy.MUST_SAVE
    return CheckpointPolicy.PREFER_RECOMPUTE


@contextmanager
def _both(one: AbstractContextManager, other: AbstractContextManager) -> Iterator[None]:
    with one, other:
        yield


@contextmanager
def statistics_kept(module: nn.Module) -> Iterator[None]:
    """Batch norm normalises by its batch and leaves its running statistics unchanged."""
    norms = [part for part in module.modules() if isinstance(part, _NormBase)]
    before = [(norm, norm.momentum, running_statistics(norm)[2].clone()) for norm in norms]
    try:
        for norm in norms:
            norm.momentum = 0.0
        yield
    finally:
        for norm, momentum, count in before:
            norm.momentum = momentum
            running_statistics(norm)[2].copy_(count)


def running_statistics(norm: _NormBase) -> tuple[Tensor, Tensor, Tensor, float]:
    """Running mean and variance, the number of batches, and the momentum of a batch norm that tracks them."""
    mean, var, count, momentum = norm.running_mean, norm.running_var, norm.num_batches_tracked, norm.momentum
    assert mean is not None and var is not None and count is not None and momentum is not None
    return mean, var, count, momentum

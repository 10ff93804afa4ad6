"""Batch norm with statistics over all devices."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn


def synchronize(model: nn.Module) -> nn.Module:
    """Replace every batch norm by one with statistics over all devices; parameters, buffers and their names stay.

    On CUDA that is PyTorch's own :class:`torch.nn.SyncBatchNorm`, which has no implementation for a CPU.
    """
    if next(model.parameters()).is_cuda:
        return nn.SyncBatchNorm.convert_sync_batchnorm(model)
    for module in model.modules():
        if type(module) in (nn.BatchNorm2d, nn.BatchNorm3d):
            module.__class__ = SynchronizedBatchNorm
    return model


@contextmanager
def unsynchronized(model: nn.Module) -> Iterator[None]:
    """Within the block, batch norm that :func:`synchronize` made computes its statistics on this device alone."""
    modules: list[Any] = [module for module in model.modules() if isinstance(module, _SYNCHRONIZED)]
    kinds = [type(module) for module in modules]
    try:
        for module in modules:
            module.__class__ = _BatchNormAlone
        yield
    finally:
        for module, kind in zip(modules, kinds, strict=True):
            module.__class__ = kind


class _BatchNormAlone(nn.modules.batchnorm._BatchNorm):
    def _check_input_dim(self, input: Tensor) -> None:
        """Of any number of dimensions, as the batch norm that is synchronised has."""


class SynchronizedBatchNorm(_BatchNormAlone):
    r"""Batch norm over the images or volumes of all processes of the default group, however many each has.

    The variance is a second sum over the processes, of centred squares: computed from sums of squares alone, it would
    lose precision where the mean is large.
    """

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        others = (0, *range(2, x.dim()))
        channels = (-1, *[1] * (x.dim() - 2))
        count = _Sum.apply(x.new_tensor(x.numel() / x.size(1)))
        mean = _Sum.apply(x.sum(dim=others)) / count
        centred = x - mean.view(channels)
        variance = _Sum.apply(centred.square().sum(dim=others)) / count
        self._track(mean.detach(), variance.detach() * count / (count - 1))
        scale = (variance + self.eps).rsqrt()
        if not self.affine:
            return centred * scale.view(channels)
        return centred * (scale * self.weight).view(channels) + self.bias.view(channels)

    @torch.no_grad()
    def _track(self, mean: Tensor, variance: Tensor) -> None:
        running_mean, running_variance, batches = self.running_mean, self.running_var, self.num_batches_tracked
        if running_mean is not None and running_variance is not None and batches is not None:
            batches.add_(1)
            factor = 1 / batches.item() if self.momentum is None else self.momentum
            running_mean.lerp_(mean, factor)
            running_variance.lerp_(variance, factor)


class _Sum(torch.autograd.Function):
    """The sum over all processes. Every process's loss depends on it, so its gradient is such a sum too."""

    @staticmethod
    def forward(ctx: Any, value: Tensor) -> Tensor:
        total = value.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        total = grad.clone()
        dist.all_reduce(total)
        return total


_SYNCHRONIZED = (SynchronizedBatchNorm, nn.SyncBatchNorm)

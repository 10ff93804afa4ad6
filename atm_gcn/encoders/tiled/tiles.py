r"""Batch norm over a batch that is never whole in memory: a few frames, a tile, at a time.

With the batch's mean :math:`\mu` and variance :math:`\sigma^2` known, batch norm is :math:`y = s x + t` for each
channel, :math:`s = \gamma / \sqrt{\sigma^2 + \epsilon}` and :math:`t = \beta - \mu s`. A tile gives its part of the
gradients of s and t. Their sums over all tiles give those of :math:`\mu` and :math:`\sigma^2`, and so what is still
missing in the gradient of x, which is :math:`a x + b` for each channel.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from atm_gcn.encoders.checkpointing import running_statistics


class Statistics(NamedTuple):
    """Mean and biased variance of each channel ``[C]``, over so many values."""

    mean: Tensor
    var: Tensor
    num_values: int


class Moments:
    """The statistics of a batch, added up over its tiles in float64."""

    def __init__(self) -> None:
        self.count = 0
        self.total: Tensor | float = 0.0
        self.square: Tensor | float = 0.0

    def add(self, x: Tensor) -> None:
        """Add a tile ``[n, C, H, W]``."""
        count = x.numel() // x.size(1)
        mean, var = (x.new_zeros(x.size(1), dtype=statistics_type(x)) for _ in range(2))
        mean, var = (m.double() for m in torch.batch_norm_update_stats(x, mean, var, 1.0))
        self.count += count
        self.total = self.total + count * mean
        self.square = self.square + count * (var + mean**2)

    def result(self, norm: nn.BatchNorm2d) -> Statistics:
        """The statistics of all tiles; the running ones of ``norm`` move by them, once."""
        running_mean, running_var, num_batches, momentum = running_statistics(norm)
        mean, dtype = torch.as_tensor(self.total) / self.count, running_mean.dtype
        var = (torch.as_tensor(self.square) / self.count - mean**2).clamp_min(0)
        unbiased = var * self.count / max(1, self.count - 1)
        running_mean.lerp_(mean.to(dtype), momentum)
        running_var.lerp_(unbiased.to(dtype), momentum)
        num_batches += 1
        return Statistics(mean.to(dtype), var.to(dtype), self.count)


class Affine:
    """Batch norm with known statistics, and what its backward pass adds up.

    Args:
        statistics: Of the whole batch.
        weight, bias: Gamma and beta, ``[C]``.
        eps: Epsilon.
    """

    def __init__(self, statistics: Statistics, weight: Tensor, bias: Tensor, eps: float) -> None:
        self.statistics, self.weight = statistics, weight
        self.inverse = (statistics.var + eps).rsqrt()
        self.scale = weight * self.inverse
        self.shift = bias - statistics.mean * self.scale
        self.scale_grad, self.shift_grad = torch.zeros_like(weight), torch.zeros_like(bias)

    def relu(self, x: Tensor) -> Tensor:
        """Normalised and rectified."""
        return self(x).relu_()

    def __call__(self, x: Tensor) -> Tensor:
        return scaled(x, self.scale, self.shift)

    def backward(self, grad: Tensor, x: Tensor) -> Tensor:
        """The part of x's gradient that a tile knows; adds to the gradients of scale and shift."""
        return self._backward(grad, x, inputs=True)

    def accumulate(self, grad: Tensor, x: Tensor) -> None:
        """Only add to the gradients of scale and shift."""
        self._backward(grad, x, inputs=False)

    def _backward(self, grad: Tensor, x: Tensor, inputs: bool) -> Any:
        zero, one = torch.zeros_like(self.scale), torch.ones_like(self.scale)
        grad_x, scale_grad, shift_grad = torch.ops.aten.native_batch_norm_backward(
            grad, x, self.scale, zero, one, None, None, False, 0.0, [inputs, True, True]
        )
        self.scale_grad += scale_grad
        self.shift_grad += shift_grad
        return grad_x

    def finish(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """After the last tile: the gradients of weight and bias, and a and b of the rest of x's gradient."""
        mean, _, count = self.statistics
        normed = self.scale_grad - mean * self.shift_grad
        var_grad = -0.5 * normed * self.weight * self.inverse**3
        mean_grad = -self.shift_grad * self.scale
        a = 2 * var_grad / count
        return normed * self.inverse, self.shift_grad, a, mean_grad / count - a * mean


def scaled(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """``scale * x + shift`` for each channel, in one pass: batch norm with a mean of 0 and a variance of 1."""
    return F.batch_norm(x, torch.zeros_like(scale), torch.ones_like(scale), scale, shift, False, 0.0, 0.0)


def statistics_type(x: Tensor) -> torch.dtype:
    return torch.float64 if x.dtype == torch.float64 else torch.float32


def tiles(count: int, size: int) -> Iterator[slice]:
    """Slices of ``size`` frames, of fewer at the end."""
    return (slice(first, first + size) for first in range(0, count, size))


def lowered(weight: Tensor, like: Tensor) -> Tensor:
    """A convolution's weight in the type of the images, channels last."""
    return weight.detach().to(like.dtype, memory_format=torch.channels_last)


def conv_backward(grad: Tensor, x: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients of the input of a convolution and of its weight, the latter in float32 at least."""
    grad_x, grad_weight = _conv_gradients(grad, x, weight, 1, inputs=True)
    return grad_x, grad_weight


def conv_weight_backward(grad: Tensor, x: Tensor, weight: Tensor, stride: int) -> Tensor:
    """Gradient of a convolution's weight alone, in float32 at least."""
    return _conv_gradients(grad, x, weight, stride, inputs=False)[1]


def _conv_gradients(grad: Tensor, x: Tensor, weight: Tensor, stride: int, inputs: bool) -> Any:
    pad = [weight.size(-1) // 2] * 2
    grad_x, grad_weight, _ = torch.ops.aten.convolution_backward(
        grad, x, weight, None, [stride] * 2, pad, [1, 1], False, [0, 0], 1, [inputs, True, False]
    )
    return grad_x, grad_weight.to(statistics_type(x))

"""The stem of the encoder, tile by tile: its 180 maps of half the picture's size never exist for a whole batch."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from atm_gcn.encoders.tiled.tiles import (
    Affine,
    Moments,
    Statistics,
    conv_backward,
    conv_weight_backward,
    lowered,
    scaled,
    tiles,
)


class TiledStem(torch.autograd.Function):
    r""":math:`\mathrm{conv}_{out}(\mathrm{ReLU}(\mathrm{BN}(\mathrm{conv}_{in}(x) + \mathcal{T})))`, in training mode.

    The backward pass computes the inner maps once more; with 3 input channels they cost a hundredth of the encoder.
    Nothing but the images is kept for it. The images and the position get no gradient.

    Shapes:
        - **input:** images :math:`(F, C, H, W)` in the type to compute in, channels last; position :math:`(F, C')`
        - **output:** :math:`(F, C'', H/2, W/2)`
    """

    @staticmethod
    def forward(
        ctx: Any,
        images: Tensor,
        position: Tensor,
        norm: nn.BatchNorm2d,
        size: int,
        weight_in: Tensor,
        weight: Tensor,
        bias: Tensor,
        weight_out: Tensor,
    ) -> Tensor:
        w_in, w_out = lowered(weight_in, images), lowered(weight_out, images)
        moments = Moments()
        for part in tiles(len(images), size):
            moments.add(entered(images[part], position[part], w_in))
        statistics = moments.result(norm)
        affine = Affine(statistics, weight, bias, norm.eps)
        parts = []
        for part in tiles(len(images), size):
            y = affine.relu(entered(images[part], position[part], w_in))
            parts.append(F.conv2d(y, w_out, padding=1))
        ctx.save_for_backward(images, position, weight_in, weight, bias, weight_out, *statistics[:2])
        ctx.count, ctx.eps, ctx.size = statistics.num_values, norm.eps, size
        return torch.cat(parts)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        images, position, weight_in, weight, bias, weight_out, mean, var = ctx.saved_tensors
        affine = Affine(Statistics(mean, var, ctx.count), weight, bias, ctx.eps)
        w_in, w_out = lowered(weight_in, images), lowered(weight_out, images)
        in_grad, out_grad = torch.zeros_like(weight_in), torch.zeros_like(weight_out)
        for part in tiles(len(images), ctx.size):
            x = entered(images[part], position[part], w_in)
            y = affine.relu(x)
            y_grad, here = conv_backward(grad[part], y, w_out)
            out_grad += here
            x_grad = affine.backward(torch.ops.aten.threshold_backward(y_grad, y, 0), x)
            in_grad += conv_weight_backward(x_grad, images[part], w_in, stride=2)
        weight_grad, bias_grad, a, b = affine.finish()
        for part in tiles(len(images), ctx.size):
            rest = scaled(entered(images[part], position[part], w_in), a, b)
            in_grad += conv_weight_backward(rest, images[part], w_in, stride=2)
        return None, None, None, None, in_grad, weight_grad, bias_grad, out_grad


def entered(images: Tensor, position: Tensor, weight: Tensor) -> Tensor:
    """The first convolution's output, with the position added: one value a frame and channel."""
    return F.conv2d(images, weight, stride=2, padding=1).add_(position[:, :, None, None])

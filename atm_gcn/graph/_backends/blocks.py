"""The weighted sum of Eq. 9 and its normalisation by a dense block per clip, for short clips.

The time of small batches goes into calls, not into arithmetic. A layer is therefore one function of autograd with a few
dozen calls forward and backward together, from the weights of the edges to W and b.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch_geometric.nn.dense.linear import Linear

from atm_gcn.graph._slots.blocks import Blocks
from atm_gcn.graph._slots.table import Slots


def blocks(
    x: Tensor,
    weight: Tensor,
    slots: Slots,
    normalize: str | None = None,
    bias: Tensor | None = None,
    place: Tensor | None = None,
) -> Tensor:
    """Normalise, sum and add the bias; see :mod:`atm_gcn.graph._backends`.

    Raises:
        ValueError: If the slots have no blocks.
    """
    if x.dtype.itemsize < 4:
        bias = None if bias is None else bias.float()
        return blocks(x.float(), weight, slots, normalize, bias, place).to(x.dtype)
    with torch.autocast(x.device.type, enabled=False):
        return blocks_and_linear(x, weight.to(x.dtype), slots, normalize, bias, None, place)


def blocks_and_linear(
    x: Tensor,
    weight: Tensor,
    slots: Slots,
    normalize: str | None,
    bias: Tensor | None,
    linear: Tensor | None,
    place: Tensor | None,
) -> Tensor:
    r"""Eq. 9 with W after the sum.

    .. math::
        \mathbf{h}^{\prime}_j = \mathbf{W}^{\top} \sum_i N(\mathbf{A})_{ij} \mathbf{x}_i + \mathbf{b}

    Args:
        x: ``[N, F_in]`` features of the sources.
        weight: A, of the type of ``x``; ``[N, K]``, 0 where there is no edge, or ``[E]``.
        slots: The graph, with its blocks.
        normalize: ``"sym"``, ``"in"`` or None.
        bias: ``[F_out]`` b, or None.
        linear: ``[F_out, F_in]`` W, or None.
        place: ``[E]`` the cell of each edge in the flattened blocks, for weights ``[E]``.
    """
    if slots.blocks is None:
        raise ValueError('backend "blocks" needs a graph that was made for it, with all edges of build_topology')
    return _BlockLayer.apply(x, weight, linear, bias, normalize, slots.blocks, place)


def weight_after_sum(lin: Callable[[Tensor], Tensor] | None, x: Tensor, weight: Tensor) -> Tensor | None:
    """W of a layer if :func:`blocks_and_linear` may apply it: no hook or type of ``lin`` expects a call."""
    if not isinstance(lin, Linear) or type(lin) is not Linear or lin._forward_hooks or lin._forward_pre_hooks:
        return None
    if lin.in_channels > lin.out_channels or not x.dtype == weight.dtype == lin.weight.dtype or x.dtype.itemsize < 4:
        return None
    return None if torch.is_autocast_enabled(x.device.type) else lin.weight


class _BlockLayer(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        given: Tensor,
        linear: Tensor | None,
        bias: Tensor | None,
        normalize: str | None,
        at: Blocks,
        place: Tensor | None,
    ) -> Tensor:
        if place is None:
            weight = given.reshape(-1).index_select(0, at.cell)
        else:
            weight = given.new_zeros(at.cell.numel()).index_copy_(0, place, given)
        weight = alpha = weight.view(-1, at.size, at.size)  # [B, source, destination]
        arriving = leaving = scale = None  # factors by what arrives at the destination, and by what leaves the source
        if normalize == "sym":
            positive = weight.abs()
            arriving, leaving = positive.sum(1, keepdim=True).rsqrt_(), positive.sum(2, keepdim=True).rsqrt_()
            scale = arriving.nan_to_num_(posinf=0.0) * leaving.nan_to_num_(posinf=0.0)  # nothing where the degree is 0
        elif normalize == "in":
            scale = arriving = weight.abs().sum(1, keepdim=True).reciprocal_().nan_to_num_(posinf=0.0)
        if scale is not None:
            alpha = weight * scale
        rows = _rows(x, at)
        mixed = _nodes(alpha.mT.bmm(rows), at)
        if linear is not None:
            out = F.linear(mixed, linear, bias)
        elif bias is not None:
            out = mixed.add_(bias)
        else:
            out = mixed
        ctx.save_for_backward(rows, weight, alpha, arriving, leaving, scale, linear, None if linear is None else mixed)
        ctx.at, ctx.place, ctx.shape = at, place, given.shape
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple:
        rows, weight, alpha, arriving, leaving, scale, linear, mixed = ctx.saved_tensors
        at, needs = ctx.at, ctx.needs_input_grad
        grad_x = grad_given = grad_linear = None
        grad_bias = grad.sum(0) if needs[3] else None
        if needs[2]:
            grad_linear = grad.t().mm(mixed)
        if not (needs[0] or needs[1]):
            return None, None, grad_linear, grad_bias, None, None, None
        grad_rows = _rows(grad if linear is None else grad.mm(linear), at)
        if needs[0]:
            grad_x = _nodes(alpha.bmm(grad_rows), at)
        if needs[1]:
            cells = rows.bmm(grad_rows.mT)
            if scale is not None:
                # A weight acts through its own edge and, by |A|, through the degrees that it is part of.
                through = cells * alpha
                if leaving is None:
                    through, factor = through.sum(1, keepdim=True).mul_(arriving), -1.0
                else:
                    by_arriving = through.sum(1, keepdim=True).mul_(arriving).mul_(arriving)
                    through, factor = through.sum(2, keepdim=True).mul_(leaving).mul_(leaving) + by_arriving, -0.5
                cells.mul_(scale).addcmul_(weight.sign(), through, value=factor)
            place = at.place if ctx.place is None else ctx.place
            grad_given = cells.view(-1).index_select(0, place).view(ctx.shape)
        return grad_x, grad_given, grad_linear, grad_bias, None, None, None


def _rows(x: Tensor, at: Blocks) -> Tensor:
    """``[N, F]`` to ``[B, n, F]``."""
    return (x if at.row is None else x.index_select(0, at.row)).view(-1, at.size, x.size(1))


def _nodes(rows: Tensor, at: Blocks) -> Tensor:
    """``[B, n, F]`` to ``[N, F]``."""
    rows = rows.view(-1, rows.size(2))
    return rows if at.node is None else rows.index_select(0, at.node)

"""The weighted sum over slots as 2w + 1 shifted multiply-adds.

Nothing of size ``[E, F]`` is ever made. Nodes of a clip are contiguous, so that the window edges of one offset are the
features rolled by that offset, times one column of the table; if a roll leaves the clip, the column is 0. What a clip
sends to its global node is a sum over a contiguous segment.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from atm_gcn.graph._backends.degree import inverse, inverse_root
from atm_gcn.graph._slots.segments import Segments, add_at_global, collect, spread
from atm_gcn.graph._slots.table import Slots, edges_to_slots


def banded(
    x: Tensor,
    weight: Tensor,
    slots: Slots,
    normalize: str | None = None,
    bias: Tensor | None = None,
    place: Tensor | None = None,
) -> Tensor:
    """Normalise, sum and add the bias; see :mod:`atm_gcn.graph._backends`."""
    table = weight if place is None else edges_to_slots(weight, place, slots.mask.size(0), slots.window)
    out = banded_sum(x, normalize_slots(table, slots, normalize), slots)
    return out if bias is None else out + bias


def banded_sum(x: Tensor, table: Tensor, slots: Slots) -> Tensor:
    """Sum at every node what its incoming edges carry.

    Args:
        x: ``[num_nodes, F]`` features of the sources.
        table: ``[num_nodes, 2w + 3]`` weights, 0 where there is no edge.
        slots: The graph.

    Returns:
        ``[num_nodes, F]`` in the type of ``x``.
    """
    return _BandedSum.apply(x, table.to(x.dtype), slots.anchor, slots.window, *slots.segments)


def normalize_slots(table: Tensor, slots: Slots, normalize: str | None) -> Tensor:
    """:func:`normalize_edges` for a ``[num_nodes, 2w + 3]`` table that is 0 where there is no edge."""
    if normalize is None:
        return table
    w, size = slots.window, table.abs()
    offsets = range(-w, w + 1)
    beyond = collect(
        size[:, 2 * w + 1 :], slots.anchor, slots.segments
    )  # [num_nodes, 2]: what global nodes receive, and what they send
    in_degree = sum(size[:, w + offset].roll(offset) for offset in offsets) + size[:, 2 * w + 2] + beyond[:, 0]
    if normalize == "in":
        gain, loss = inverse(in_degree), torch.ones_like(in_degree)
    else:
        gain, loss = inverse_root(in_degree), inverse_root(size[:, : 2 * w + 2].sum(1) + beyond[:, 1])
    at_global = spread(torch.stack([gain, loss], dim=1), slots.anchor, slots.segments)
    columns = [loss * gain.roll(-offset) for offset in offsets] + [loss * at_global[:, 0], at_global[:, 1] * gain]
    return table * torch.stack(columns, dim=1)


class _BandedSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, table: Tensor, anchor: Tensor, w: int, *segments: Tensor) -> Tensor:
        ctx.save_for_backward(x, table, anchor, *segments)
        ctx.w = w
        out = table[:, 2 * w + 2, None] * x[anchor]
        for offset in range(-w, w + 1):
            out.addcmul_(rolled(table[:, w + offset, None], offset), rolled(x, offset))
        return add_at_global(out, x, table[:, 2 * w + 1], anchor, Segments(*segments))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple:
        x, table, anchor, *segments = ctx.saved_tensors
        w, at_global = ctx.w, grad[anchor]
        grad_x = table[:, 2 * w + 1, None] * at_global
        columns = []
        for offset in range(-w, w + 1):
            arrived = rolled(grad, -offset)
            grad_x.addcmul_(table[:, w + offset, None], arrived)
            columns.append((arrived * x).sum(1))
        columns += [(at_global * x).sum(1), (grad * x[anchor]).sum(1)]
        grad_x = add_at_global(grad_x, grad, table[:, 2 * w + 2], anchor, Segments(*segments))
        return grad_x, torch.stack(columns, dim=1), *[None] * 5


def rolled(x: Tensor, offset: int) -> Tensor:
    """``x`` with row i at i + offset; unlike :func:`torch.roll` no copy where nothing moves."""
    return x.roll(offset, 0) if offset else x

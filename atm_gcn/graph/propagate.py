"""The weighted sum of Eq. 9, ``sum_i A_ij x_i``, over an edge list or over slots.

Both ways, and that of :mod:`atm_gcn.graph._backends.csr`, agree in value and gradient. Over slots nothing of size
``[E, F]`` is ever made. Nodes of a clip are contiguous, so that the window edges of one offset are the features rolled
by that offset, times one column of the table; where a roll leaves the clip, the column is 0. What a clip sends to its
global node is a sum over a contiguous segment.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch_geometric.index import index2ptr
from torch_geometric.utils import scatter

from atm_gcn.errors import require
from atm_gcn.graph.topology import Segments, Slots

FEW_NODES = 4096


def normalize_edges(weight: Tensor, edge_index: Tensor, num_nodes: int, normalize: str | None) -> Tensor:
    r"""N(A) of Eq. 9 for ``[E]`` weights.

    ``"sym"`` divides by :math:`\sqrt{d^{out}_i d^{in}_j}`, ``"in"`` by :math:`d^{in}_j`, None leaves A as it is.
    Degrees are sums of ``|A|``; a node of degree 0 gives and receives nothing.
    """
    if normalize is None:
        return weight
    source, destination = edge_index
    in_degree = scatter(weight.abs(), destination, dim_size=num_nodes)
    if normalize == "in":
        return weight * inverse(in_degree)[destination]
    out_degree = scatter(weight.abs(), source, dim_size=num_nodes)
    return weight * inverse_root(out_degree)[source] * inverse_root(in_degree)[destination]


def normalize_slots(table: Tensor, slots: Slots, normalize: str | None) -> Tensor:
    """:func:`normalize_edges` for a ``[num_nodes, 2w + 3]`` table that is 0 where there is no edge."""
    if normalize is None:
        return table
    w, size = slots.window, table.abs()
    offsets = range(-w, w + 1)
    beyond = collect(size[:, 2 * w + 1 :], slots)  # [num_nodes, 2]: what global nodes receive, and what they send
    in_degree = sum(size[:, w + offset].roll(offset) for offset in offsets) + size[:, 2 * w + 2] + beyond[:, 0]
    if normalize == "in":
        gain, loss = inverse(in_degree), torch.ones_like(in_degree)
    else:
        gain, loss = inverse_root(in_degree), inverse_root(size[:, : 2 * w + 2].sum(1) + beyond[:, 1])
    at_global = spread(torch.stack([gain, loss], dim=1), slots)
    columns = [loss * gain.roll(-offset) for offset in offsets] + [loss * at_global[:, 0], at_global[:, 1] * gain]
    return table * torch.stack(columns, dim=1)


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


def spread(x: Tensor, slots: Slots) -> Tensor:
    """Give every node the row of its clip's global node: ``[num_nodes, F]`` to ``[num_nodes, F]``."""
    return _Spread.apply(x, slots.anchor, *slots.segments)


def collect(x: Tensor, slots: Slots) -> Tensor:
    """Sum the rows of each clip at its global node, 0 at every other node; the transpose of :func:`spread`."""
    return _Collect.apply(x, slots.anchor, *slots.segments)


def segment_sum(x: Tensor, weight: Tensor, edge_index: Tensor) -> Tensor:
    """The weighted sum by torch-scatter's ``segment_csr``: every node's edges are added in order, on every device.

    Args:
        x: ``[num_nodes, F]`` features of the sources.
        weight: ``[E]``.
        edge_index: ``[2, E]``, sorted here unless it is sorted by destination already.

    Raises:
        ATMGCNError: If torch-scatter is not installed.
    """
    torch_scatter = require("torch_scatter", "scatter", 'backend "scatter"')
    source, destination = edge_index
    if (destination.diff() < 0).any():
        destination, order = destination.sort(stable=True)
        source, weight = source[order], weight[order]
    messages = weight.to(x.dtype)[:, None] * x[source]
    return torch_scatter.segment_csr(messages, index2ptr(destination, x.size(0)), reduce="sum")


class _BandedSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, table: Tensor, anchor: Tensor, w: int, *segments: Tensor) -> Tensor:
        ctx.save_for_backward(x, table, anchor, *segments)
        ctx.w = w
        out = table[:, 2 * w + 2, None] * x[anchor]
        for offset in range(-w, w + 1):
            out.addcmul_(rolled(table[:, w + offset, None], offset), rolled(x, offset))
        return add_at_global(out, x, table[:, 2 * w + 1], Segments(*segments))

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
        grad_x = add_at_global(grad_x, grad, table[:, 2 * w + 2], Segments(*segments))
        return grad_x, torch.stack(columns, dim=1), *[None] * 5


class _Spread(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, anchor: Tensor, *segments: Tensor) -> Tensor:
        ctx.save_for_backward(*segments)
        return x[anchor]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple:
        return add_at_global(torch.zeros_like(grad), grad, None, Segments(*ctx.saved_tensors)), None, None, None, None


class _Collect(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, anchor: Tensor, *segments: Tensor) -> Tensor:
        ctx.save_for_backward(anchor)
        return add_at_global(torch.zeros_like(x), x, None, Segments(*segments))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple:
        (anchor,) = ctx.saved_tensors
        return grad[anchor], None, None, None, None


def add_at_global(out: Tensor, x: Tensor, weight: Tensor | None, segments: Segments) -> Tensor:
    """``out`` plus, at the global node of every clip, the weighted sum of the clip's rows of ``x``, ``[num_nodes, F]``.

    Deterministic on every device: each segment is summed in order, first within chunks of a clip, then over its chunks.
    On a CPU few nodes, or few columns, are not worth the chunks.
    """
    nodes = torch.arange(x.size(0), device=x.device)
    weight = None if weight is None else weight.contiguous()
    if in_one_go(x):
        first_node = segments.chunk[segments.first_chunk]
        clips = F.embedding_bag(nodes, x.contiguous(), first_node, mode="sum", per_sample_weights=weight)
    else:
        chunks = F.embedding_bag(nodes, x.contiguous(), segments.chunk, mode="sum", per_sample_weights=weight)
        order = torch.arange(chunks.size(0), device=x.device)
        clips = F.embedding_bag(order, chunks, segments.first_chunk, mode="sum")
    return out.index_add(0, segments.global_index, clips)


def in_one_go(x: Tensor) -> bool:
    """Whether one level of sums is enough. Batches on both sides of the limit take a graph each."""
    return x.device.type == "cpu" and not torch.compiler.is_exporting() and (x.size(1) <= 2 or x.size(0) <= FEW_NODES)


def rolled(x: Tensor, offset: int) -> Tensor:
    """``x`` with row i at i + offset; unlike :func:`torch.roll` no copy where nothing moves."""
    return x.roll(offset, 0) if offset else x


def inverse(degree: Tensor) -> Tensor:
    """1 / degree, 0 for a degree of 0."""
    return degree.where(degree > 0, torch.inf).reciprocal()


def inverse_root(degree: Tensor) -> Tensor:
    """1 / sqrt(degree), 0 for a degree of 0."""
    return degree.where(degree > 0, torch.inf).rsqrt()

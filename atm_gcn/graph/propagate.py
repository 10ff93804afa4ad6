"""The weighted sum of Eq. 9, ``sum_i A_ij x_i``, over an edge list or over slots.

Both ways agree in value and gradient. Over slots nothing of size ``[E, F]`` is ever made: nodes of a clip are
contiguous, so that the window edges of one offset are the features shifted by that offset, times one column.
"""

import torch
import torch.nn.functional as F
from torch import Tensor
from torch_geometric.utils import scatter

from atm_gcn.graph.topology import Slots


def normalize_edges(weight: Tensor, edge_index: Tensor, num_nodes: int, normalize: str | None) -> Tensor:
    r"""N(A) of Eq. 9 for ``[E]`` weights.

    ``"sym"`` divides by :math:`\sqrt{d^{out}_i d^{in}_j}`, ``"in"`` by :math:`d^{in}_j`, None leaves A as it is.
    Degrees are sums of |A|; a node of degree 0 gives and receives nothing.
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
    w, anchor = slots.window, slots.anchor
    size = table.abs()
    in_degree = _arriving(size, w).sum(1) + size[:, 2 * w + 2]
    in_degree = in_degree.index_add(0, anchor, size[:, 2 * w + 1])
    if normalize == "in":
        gain, loss = inverse(in_degree), torch.ones_like(in_degree)
    else:
        out_degree = size[:, : 2 * w + 2].sum(1).index_add(0, anchor, size[:, 2 * w + 2])
        gain, loss = inverse_root(in_degree), inverse_root(out_degree)
    towards = F.pad(gain, (w, w)).unfold(0, 2 * w + 1, 1)  # [num_nodes, 2w + 1], column o + w holds gain[i + o]
    towards = torch.cat([towards, gain[anchor][:, None], gain[:, None]], dim=1)
    leaving = torch.cat([loss[:, None].expand(-1, 2 * w + 2), loss[anchor][:, None]], dim=1)
    return table * leaving * towards


def banded_sum(x: Tensor, table: Tensor, slots: Slots) -> Tensor:
    """Sum at every node what its incoming edges carry.

    Args:
        x: ``[num_nodes, F]`` features of the sources.
        table: ``[num_nodes, 2w + 3]`` weights, 0 where there is no edge.
        slots: The graph.

    Returns:
        ``[num_nodes, F]`` in the type of ``x``.
    """
    w, anchor, num_nodes = slots.window, slots.anchor, x.size(0)
    table = table.to(x.dtype)
    arriving = _arriving(table, w)
    padded = F.pad(x, (0, 0, w, w))
    out = table[:, 2 * w + 2, None] * x[anchor]
    for offset in range(-w, w + 1):
        out = out + arriving[:, offset + w, None] * padded[w - offset : w - offset + num_nodes]
    return out.index_add(0, anchor, table[:, 2 * w + 1, None] * x)


def _arriving(table: Tensor, window: int) -> Tensor:
    """``[num_nodes, 2w + 1]`` window weights by destination: column o + w holds the edge ``v_{j-o} -> v_j``."""
    num_nodes = table.size(0)
    padded = F.pad(table[:, : 2 * window + 1], (0, 0, window, window))
    columns = [padded[2 * window - slot : 2 * window - slot + num_nodes, slot] for slot in range(2 * window + 1)]
    return torch.stack(columns, dim=1)


def inverse(degree: Tensor) -> Tensor:
    """1 / degree, 0 for a degree of 0."""
    return degree.where(degree > 0, torch.inf).reciprocal()


def inverse_root(degree: Tensor) -> Tensor:
    """1 / sqrt(degree), 0 for a degree of 0."""
    return degree.where(degree > 0, torch.inf).rsqrt()

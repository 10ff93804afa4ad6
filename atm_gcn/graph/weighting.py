"""Eq. 6-8: the weight of an edge from the similarity of its two frames, their distance in time and its source."""

import torch
from torch import Tensor

from atm_gcn.defaults import LAMBDA_GLOBAL, LAMBDA_LOCAL, TAU
from atm_gcn.errors import BatchError
from atm_gcn.graph._slots.segments import spread
from atm_gcn.graph._slots.table import Slots


def temporal_motion_weight(
    x: Tensor,
    edge_index: Tensor,
    pos: Tensor,
    global_index: Tensor,
    tau: float | Tensor = TAU,
    lambda_local: float | Tensor = LAMBDA_LOCAL,
    lambda_global: float | Tensor = LAMBDA_GLOBAL,
) -> Tensor:
    r"""Initial weight of every edge.

    .. math::
        A_{ij} = \left(1 - \frac{\angle(h_i, h_j)}{\pi}\right) \exp\left(\frac{-|pos_i - pos_j|}{\tau}\right)
        \lambda_i, \qquad
        \lambda_i = \lambda_{global} \text{ if } i \text{ is the global node, else } \lambda_{local}

    Computed in float32 at least, also under autocast. A self-loop's similarity is exactly 1; a zero vector is at a
    right angle to every other one. Value and gradient are finite for equal, opposite and zero vectors.

    Args:
        x: ``[num_nodes, F]`` motion features h.
        edge_index: ``[2, E]`` source and destination of each edge.
        pos: ``[num_nodes]`` time of each frame, in frames at the clip's rate; need not be whole.
        global_index: ``[B]`` global nodes, counted over the batch; ``[0]`` if there are none.
        tau: Frames over which a weight falls by a factor e.
        lambda_local: Factor of an edge out of a local node; smaller than ``lambda_global``.
        lambda_global: Factor of an edge out of a global node.

    Returns:
        ``[E]`` weights in ``[0, lambda_global]``.
    """
    source, destination = edge_index
    unit = unit_vectors(x)
    similarity = angular_similarity(unit[source], unit[destination])
    similarity = torch.where(source == destination, 1.0, similarity)
    factor = node_factor(x.size(0), global_index, lambda_local, lambda_global, similarity.dtype)
    pos = pos.to(similarity.dtype)
    return similarity * decay(pos[source], pos[destination], tau) * factor[source]


def temporal_motion_slots(
    x: Tensor,
    slots: Slots,
    pos: Tensor,
    global_index: Tensor,
    tau: float | Tensor = TAU,
    lambda_local: float | Tensor = LAMBDA_LOCAL,
    lambda_global: float | Tensor = LAMBDA_GLOBAL,
) -> Tensor:
    """:func:`temporal_motion_weight` for the slot table: ``[num_nodes, 2w + 3]``, 0 where there is no edge.

    Similarity and decay are the same in both directions, so each pair inside the window is compared once.
    """
    w, unit = slots.window, unit_vectors(x)
    pos = pos.to(unit.dtype)
    columns = [torch.ones_like(unit[:, 0])]
    for offset in range(1, w + 1):
        ahead = angular_similarity(unit, unit.roll(-offset, 0)) * decay(pos, pos.roll(-offset, 0), tau)
        columns = [ahead.roll(offset, 0), *columns, ahead]
    at_global = spread(unit, slots.anchor, slots.segments)
    to_global = angular_similarity(unit, at_global) * decay(pos, pos[slots.anchor], tau)
    factor = node_factor(x.size(0), global_index, lambda_local, lambda_global, unit.dtype)
    columns = [column * factor for column in [*columns, to_global]] + [to_global * lambda_global]
    return torch.stack(columns, dim=1).masked_fill(~slots.mask, 0.0)


def check_lambdas(lambda_local: float, lambda_global: float) -> None:
    """Make sure that edges out of the global node weigh more (Eq. 8).

    Raises:
        ValueError: If they do not.
    """
    if not lambda_local < lambda_global:
        raise ValueError(f"lambda_local ({lambda_local}) must be smaller than lambda_global ({lambda_global})")


def unit_vectors(x: Tensor) -> Tensor:
    """Rows of length 1 in float32 at least; a zero row stays zero, with a finite gradient."""
    x = x.to(torch.promote_types(x.dtype, torch.float32))
    length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    return x / length.where(length > 0, 1.0)


def angular_similarity(u: Tensor, v: Tensor) -> Tensor:
    r"""Eq. 6 for rows of length 1 or 0: :math:`1 - \angle(u, v)/\pi`, in ``[0, 1]``.

    The angle is :math:`2\,\mathrm{atan2}(|u - v|, |u + v|)`. Unlike the arc cosine of the dot product it is exact near
    equal and opposite vectors and has a bounded gradient there.
    """
    apart = torch.linalg.vector_norm(u - v, dim=-1)
    together = torch.linalg.vector_norm(u + v, dim=-1)
    both_zero = (apart + together) == 0
    angle = 2 * torch.atan2(apart.masked_fill(both_zero, 1.0), together.masked_fill(both_zero, 1.0))
    return 1 - angle / torch.pi


def decay(pos: Tensor, other: Tensor, tau: float | Tensor) -> Tensor:
    """Eq. 7: the decay of a weight with the distance in time."""
    return torch.exp(-(pos - other).abs() / tau)


def node_factor(
    num_nodes: int,
    global_index: Tensor,
    lambda_local: float | Tensor,
    lambda_global: float | Tensor,
    dtype: torch.dtype,
) -> Tensor:
    """Eq. 8: ``[num_nodes]`` factor lambda of the edges that start at each node.

    Raises:
        BatchError: On a CPU, if a global node is none of the nodes. A GPU is not waited for.
    """
    if global_index.device.type == "cpu" and global_index.numel() and not torch.compiler.is_compiling():
        low, high = (int(end) for end in global_index.aminmax())
        if low < 0 or high >= num_nodes:
            raise BatchError(f"global_index holds {low if low < 0 else high}, and there are nodes 0 to {num_nodes - 1}")
    factor = torch.ones(num_nodes, dtype=dtype, device=global_index.device) * lambda_local
    return factor.index_fill(0, global_index, lambda_global)

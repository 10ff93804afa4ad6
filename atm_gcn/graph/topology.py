"""Eq. 3-5: which motion features exchange messages, for a whole batch of clips of any lengths at once.

The same graph is written in two ways. An *edge list* is what PyG reads: ``edge_index`` and, for every edge, its slot.
The *slots* are what the fast way of :mod:`~atm_gcn.graph.propagate` reads: a table of ``K = 2w + 3`` places per node.

=============  ===============  ==================================  =========================
slot           home node        edge                                exists
=============  ===============  ==================================  =========================
``o + w``      ``i``            ``v_i -> v_{i+o}``, ``|o| <= w``    inside the clip
``2w + 1``     ``i``            ``v_i -> v_global``                 if ``|i - global| > w``
``2w + 2``     ``i``            ``v_global -> v_i``                 if ``|i - global| > w``
=============  ===============  ==================================  =========================
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch_geometric.utils import sort_edge_index

from atm_gcn.errors import BatchError
from atm_gcn.graph._backends.pattern import Pattern, pattern_of_clips

CHUNK = 256


class Topology(NamedTuple):
    """The edge list of a batch of clips, sorted by destination.

    Args:
        edge_index: ``[2, E]`` int64; row 0 holds the source of each edge, row 1 its destination.
        edge_slot: ``[E]`` int64 in ``[0, 2w + 3)``.
        window: w.
    """

    edge_index: Tensor
    edge_slot: Tensor
    window: int


class Segments(NamedTuple):
    """Where the clips of a batch begin, cut further into chunks so that long clips are summed in parallel.

    Args:
        chunk: ``[num_chunks]`` int64; first node of every chunk, ascending; every clip begins a chunk.
        first_chunk: ``[B]`` int64; first chunk of every clip.
        global_index: ``[B]`` int64; global node of every clip.
    """

    chunk: Tensor
    first_chunk: Tensor
    global_index: Tensor


class Slots(NamedTuple):
    """The graph of a batch of clips as a table with one row a node.

    Args:
        mask: ``[num_nodes, 2w + 3]`` bool; whether the edge of this place exists.
        anchor: ``[num_nodes]`` int64; the global node of the node's clip.
        segments: The clips.
        window: w.
        pattern: The table as a sparse matrix, None where no sparse product runs.
    """

    mask: Tensor
    anchor: Tensor
    segments: Segments
    window: int
    pattern: Pattern | None = None


def build_topology(num_nodes: Tensor, global_node: Tensor, window: int) -> Topology:
    r"""The edges among the motion nodes of every clip.

    .. math::
        \mathcal{E} = \{(v_i, v_j) : |i - j| \le w\} \cup \{(v_i, v_g), (v_g, v_i)\}

    Args:
        num_nodes: ``[B]`` int64, nodes n of each clip, at least 1.
        global_node: ``[B]`` int64, the apex frame's node within its clip, in ``[0, n)``.
        window: w, at least 0; every node meets itself and w neighbours on each side (Eq. 3).

    Raises:
        ValueError: If the sizes differ, there is no clip, a clip has no node, a global node lies outside of its clip,
            or w is negative.
    """
    num_nodes, global_node = torch.as_tensor(num_nodes), torch.as_tensor(global_node)
    if num_nodes.dim() != 1 or num_nodes.shape != global_node.shape:
        raise ValueError(
            f"num_nodes {list(num_nodes.shape)} and global_node {list(global_node.shape)} must both be [B]"
        )
    if window < 0:
        raise ValueError(f"window must be 0 or more, not {window}")
    check_clips(*torch.stack([num_nodes, global_node]).tolist())
    first_node = num_nodes.cumsum(0) - num_nodes
    clip = torch.repeat_interleave(num_nodes)
    slots = slots_of_clips(clip, num_nodes, first_node, first_node + global_node, window)

    home, slot = slots.mask.nonzero(as_tuple=True)
    anchor = slots.anchor[home]
    source = torch.where(slot == 2 * window + 2, anchor, home)
    destination = torch.where(
        slot <= 2 * window, home + slot - window, torch.where(slot == 2 * window + 1, anchor, home)
    )
    edge_index, edge_slot = sort_edge_index(torch.stack([source, destination]), slot, sort_by_row=False)
    return Topology(edge_index, edge_slot, window)


def check_clips(num_nodes: Sequence[int], global_node: Sequence[int] | None = None) -> None:
    """Make sure that there are clips, that each has a node, and that its global node is one of them.

    Raises:
        BatchError: If it is not so; names the clip by its position in the batch, counted from 0.
    """
    if not num_nodes:
        raise BatchError("the batch has no clip")
    for clip, nodes in enumerate(num_nodes):
        if nodes < 1:
            raise BatchError(f"clip {clip} of the batch, counted from 0, has no node; leave it out")
        if global_node is not None and not 0 <= global_node[clip] < nodes:
            raise BatchError(
                f"clip {clip} of the batch, counted from 0, has its global node at {global_node[clip]}, outside of its "
                f"nodes 0 to {nodes - 1}"
            )


def slots_of_clips(clip: Tensor, num_nodes: Tensor, first_node: Tensor, global_index: Tensor, window: int) -> Slots:
    """The slots of contiguous clips, without going through an edge list.

    Args:
        clip: ``[num_nodes]`` int64, the clip of each node (PyG's ``batch``).
        num_nodes: ``[B]`` int64, nodes of each clip.
        first_node: ``[B]`` int64, first node of each clip (PyG's ``ptr[:-1]``).
        global_index: ``[B]`` int64, global node of each clip, counted over the batch.
        window: w.
    """
    node = torch.arange(clip.numel(), device=clip.device)
    anchor, first, length = global_index[clip], first_node[clip], num_nodes[clip]
    inside = inside_clip(first, length, window)
    far = ((node - anchor).abs() > window)[:, None]
    mask = torch.cat([inside, far, far], dim=1)
    segments = segments_of_clips(first_node, global_index, clip.numel())
    return Slots(mask, anchor, segments, window, pattern_of_clips(inside, anchor, first, length))


def slots_of_edges(edge_index: Tensor, edge_slot: Tensor, num_nodes: int, window: int) -> Slots:
    """The slots that an edge list of :func:`build_topology` names; edges may be missing from it."""
    places = 2 * window + 3
    home = edge_home(edge_index, edge_slot, window)
    mask = torch.zeros(num_nodes * places, dtype=torch.bool, device=edge_index.device)
    mask = mask.index_fill(0, home * places + edge_slot, True).view(num_nodes, places)
    begins = torch.ones(num_nodes, dtype=torch.bool, device=edge_index.device)
    outward = edge_slot == 2 * window + 1
    if window > 0:
        begins[1:] = ~(mask[1:, window - 1] | mask[:-1, window + 1])  # nothing joins the node to the one before
    else:
        node = torch.arange(num_nodes, device=edge_index.device)
        begins[1:] = node.index_copy(0, home[outward], edge_index[1][outward]).diff() != 0  # nor do they share a global
    clip = begins.cumsum(0) - 1
    first_node = begins.nonzero()[:, 0]
    global_index = first_node.index_copy(0, clip[home[outward]], edge_index[1][outward])
    anchor, first, length = global_index[clip], first_node[clip], torch.bincount(clip)[clip]
    segments = segments_of_clips(first_node, global_index, num_nodes)
    if ((anchor < first) | (anchor >= first + length)).any():  # missing edges tore a clip from its global node
        return Slots(mask, anchor, segments, window)
    inside = inside_clip(first, length, window)
    return Slots(mask, anchor, segments, window, pattern_of_clips(inside, anchor, first, length))


def inside_clip(first: Tensor, length: Tensor, window: int) -> Tensor:
    """``[num_nodes, 2w + 1]`` bool, whether each neighbour in time lies in the node's clip."""
    node = torch.arange(first.numel(), device=first.device)
    neighbour = node[:, None] + torch.arange(-window, window + 1, device=first.device)
    return (neighbour >= first[:, None]) & (neighbour < (first + length)[:, None])


def segments_of_clips(first_node: Tensor, global_index: Tensor, num_nodes: int) -> Segments:
    """Cut clips at multiples of :data:`CHUNK`; a cut where a clip begins or the batch ends makes an empty chunk."""
    cuts = torch.arange(num_nodes // CHUNK + 2, device=first_node.device) * CHUNK
    cuts = cuts.clamp(max=num_nodes)  # two cuts or more, so that an exported graph serves one chunk as well as many
    chunk = torch.cat([cuts, first_node]).sort().values
    return Segments(chunk, torch.searchsorted(chunk, first_node), global_index)


def edge_home(edge_index: Tensor, edge_slot: Tensor, window: int) -> Tensor:
    """``[E]`` the node whose row of the slot table holds each edge."""
    return torch.where(edge_slot == 2 * window + 2, edge_index[1], edge_index[0])


def window_of(edge_index: Tensor, edge_slot: Tensor) -> int:
    """w of an edge list with slots: every node's self-loop lies in slot w.

    Raises:
        ValueError: If the edge list has no self-loop.
    """
    loops = edge_slot[edge_index[0] == edge_index[1]]
    if loops.numel() == 0:
        raise ValueError("edge_slot does not come from build_topology: no self-loop is among the edges")
    return int(loops[0])


def edges_to_slots(edge_value: Tensor, edge_index: Tensor, edge_slot: Tensor, slots: Slots) -> Tensor:
    """Write ``[E]`` values into a ``[num_nodes, K]`` table, 0 where there is no edge."""
    num_nodes, places = slots.mask.shape
    place = edge_home(edge_index, edge_slot, slots.window) * places + edge_slot
    return edge_value.new_zeros(num_nodes * places).index_copy(0, place, edge_value).view(num_nodes, places)


def slots_to_edges(table: Tensor, edge_index: Tensor, edge_slot: Tensor, window: int) -> Tensor:
    """Read the ``[E]`` values of the edges from a ``[num_nodes, K]`` table."""
    return table.reshape(-1)[edge_home(edge_index, edge_slot, window) * table.size(1) + edge_slot]

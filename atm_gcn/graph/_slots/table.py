"""The graph of a batch of clips as a table: one row per node, ``2w + 3`` slots, see :mod:`~atm_gcn.graph.topology`."""

from typing import NamedTuple

import torch
from torch import Tensor

from atm_gcn.graph._slots.pattern import Pattern, pattern_of_clips, repeat_pattern
from atm_gcn.graph._slots.segments import Segments, segments_of_clips


class Slots(NamedTuple):
    """The edges of a batch of clips as a table with one row per node.

    Args:
        mask: ``[num_nodes, 2w + 3]`` bool; whether the edge of each slot exists.
        anchor: ``[num_nodes]`` int64; the global node of the node's clip.
        segments: The clips.
        window: w.
        pattern: The table as a sparse matrix, None if no sparse product runs.
    """

    mask: Tensor
    anchor: Tensor
    segments: Segments
    window: int
    pattern: Pattern | None = None


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
    """The slots of an edge list of :func:`~atm_gcn.graph.build_topology`; edges may be missing from it."""
    mask = slot_mask(edge_index, edge_slot, num_nodes, window)
    begins = torch.ones(num_nodes, dtype=torch.bool, device=edge_index.device)
    home, outward = edge_home(edge_index, edge_slot, window), edge_slot == 2 * window + 1
    if window > 0:
        begins[1:] = ~(mask[1:, window - 1] | mask[:-1, window + 1])  # no edge to the node before
    else:
        node = torch.arange(num_nodes, device=edge_index.device)
        begins[1:] = node.index_copy(0, home[outward], edge_index[1][outward]).diff() != 0  # nor a common global node
    clip = begins.cumsum(0) - 1
    first_node = begins.nonzero()[:, 0]
    global_index = first_node.index_copy(0, clip[home[outward]], edge_index[1][outward])
    anchor, first, length = global_index[clip], first_node[clip], torch.bincount(clip)[clip]
    segments = segments_of_clips(first_node, global_index, num_nodes)
    if ((anchor < first) | (anchor >= first + length)).any():  # missing edges separate a clip from its global node
        return Slots(mask, anchor, segments, window)
    inside = inside_clip(first, length, window)
    return Slots(mask, anchor, segments, window, pattern_of_clips(inside, anchor, first, length))


def repeat_slots(slots: Slots, times: int) -> Slots:
    """The slots of a batch that holds the same clips ``times`` times, one batch after another."""
    num_nodes, (chunk, first_chunk, global_index) = slots.mask.size(0), slots.segments
    turn = torch.arange(times, device=chunk.device)[:, None]
    chunks = (chunk + turn * num_nodes).flatten(), (first_chunk + turn * chunk.numel()).flatten()
    anchor, global_index = ((nodes + turn * num_nodes).flatten() for nodes in (slots.anchor, global_index))
    pattern = None if slots.pattern is None else repeat_pattern(slots.pattern, times)
    return Slots(slots.mask.repeat(times, 1), anchor, Segments(*chunks, global_index), slots.window, pattern)


def slot_mask(edge_index: Tensor, edge_slot: Tensor, num_nodes: int, window: int) -> Tensor:
    """``[num_nodes, 2w + 3]`` bool, whether each slot holds one of the edges."""
    places = 2 * window + 3
    mask = torch.zeros(num_nodes * places, dtype=torch.bool, device=edge_index.device)
    place = edge_home(edge_index, edge_slot, window) * places + edge_slot
    return mask.index_fill(0, place, True).view(num_nodes, places)


def inside_clip(first: Tensor, length: Tensor, window: int) -> Tensor:
    """``[num_nodes, 2w + 1]`` bool, whether each neighbour in time lies in the node's clip."""
    node = torch.arange(first.numel(), device=first.device)
    neighbour = node[:, None] + torch.arange(-window, window + 1, device=first.device)
    return (neighbour >= first[:, None]) & (neighbour < (first + length)[:, None])


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


def edges_to_slots(value: Tensor, edge_index: Tensor, edge_slot: Tensor, num_nodes: int, window: int) -> Tensor:
    """Write ``[E]`` or ``[E, heads]`` values into a table ``[num_nodes, 2w + 3]`` or ``[num_nodes, 2w + 3, heads]``
    that is 0 where there is no edge.
    """
    places, heads = 2 * window + 3, value.shape[1:]
    place = edge_home(edge_index, edge_slot, window) * places + edge_slot
    return value.new_zeros(num_nodes * places, *heads).index_copy(0, place, value).view(num_nodes, places, *heads)


def slots_to_edges(table: Tensor, edge_index: Tensor, edge_slot: Tensor, window: int) -> Tensor:
    """Read the values of the edges from a table; the inverse of :func:`edges_to_slots`."""
    return table.flatten(0, 1)[edge_home(edge_index, edge_slot, window) * table.size(1) + edge_slot]

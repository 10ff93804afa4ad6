"""The graph of a batch of clips as a table: one row per node, ``2w + 3`` slots, see :mod:`~atm_gcn.graph.topology`."""

from typing import NamedTuple

import torch
from torch import Tensor

from atm_gcn.defaults import Backend
from atm_gcn.graph._slots.blocks import Blocks, blocks_of_clips, blocks_pay, repeat_blocks
from atm_gcn.graph._slots.pattern import WIDE, Pattern, pattern_of_clips, repeat_pattern
from atm_gcn.graph._slots.segments import Segments, segments_of_clips


class Slots(NamedTuple):
    """The edges of a batch of clips as a table with one row per node.

    Args:
        mask: ``[num_nodes, 2w + 3]`` bool; whether the edge of each slot exists.
        anchor: ``[num_nodes]`` int64; the global node of the node's clip.
        segments: The clips.
        window: w.
        pattern: The table as a sparse matrix, where a backend reads it and sparse products run.
        blocks: The table as a dense matrix per clip, where a backend reads it.
    """

    mask: Tensor
    anchor: Tensor
    segments: Segments
    window: int
    pattern: Pattern | None = None
    blocks: Blocks | None = None


def slots_of_clips(
    clip: Tensor,
    num_nodes: Tensor,
    first_node: Tensor,
    global_index: Tensor,
    window: int,
    backend: Backend = "auto",
) -> Slots:
    """The slots of contiguous clips, without going through an edge list.

    Args:
        clip: ``[num_nodes]`` int64, the clip of each node (PyG's ``batch``).
        num_nodes: ``[B]`` int64, nodes of each clip.
        first_node: ``[B]`` int64, first node of each clip (PyG's ``ptr[:-1]``).
        global_index: ``[B]`` int64, global node of each clip, counted over the batch.
        window: w.
        backend: What the table is made for: ``"auto"``, or one of the ways over slots.
    """
    node = torch.arange(clip.numel(), device=clip.device)
    anchor, first, length = global_index[clip], first_node[clip], num_nodes[clip]
    inside = inside_clip(first, length, window)
    far = ((node - anchor).abs() > window)[:, None]
    mask = torch.cat([inside, far, far], dim=1)
    slots = Slots(mask, anchor, segments_of_clips(first_node, global_index, clip.numel()), window)
    return _for_backend(slots, backend, clip, first_node, first, length, inside)


def slots_of_edges(
    edge_index: Tensor, edge_slot: Tensor, num_nodes: int, window: int, backend: Backend = "auto"
) -> Slots:
    """The slots of an edge list of :func:`~atm_gcn.graph.build_topology`; edges may be missing from it."""
    mask = slot_mask(edge_index, edge_slot, num_nodes, window)
    begins = torch.ones(num_nodes, dtype=torch.bool, device=edge_index.device)
    home, outward = homes_of_edges(edge_index, edge_slot, window), edge_slot == 2 * window + 1
    if window > 0:
        begins[1:] = ~(mask[1:, window - 1] | mask[:-1, window + 1])  # no edge to the node before
    else:
        node = torch.arange(num_nodes, device=edge_index.device)
        begins[1:] = node.index_copy(0, home[outward], edge_index[1][outward]).diff() != 0  # nor a common global node
    clip = begins.cumsum(0) - 1
    first_node = begins.nonzero()[:, 0]
    global_index = first_node.index_copy(0, clip[home[outward]], edge_index[1][outward])
    anchor, first, length = global_index[clip], first_node[clip], torch.bincount(clip)[clip]
    slots = Slots(mask, anchor, segments_of_clips(first_node, global_index, num_nodes), window)
    if ((anchor < first) | (anchor >= first + length)).any():  # missing edges separate a clip from its global node
        return slots
    return _for_backend(slots, backend, clip, first_node, first, length, inside_clip(first, length, window))


def _for_backend(
    slots: Slots, backend: Backend, clip: Tensor, first_node: Tensor, first: Tensor, length: Tensor, inside: Tensor
) -> Slots:
    """Add the form of the table that a backend reads."""
    blocks = pattern = None
    if backend == "blocks" or (backend == "auto" and blocks_pay(length, first_node.numel())):
        blocks = blocks_of_clips(slots.mask, slots.anchor, clip, first, length)
    if backend == "csr" or (backend == "auto" and (blocks is None or slots.window >= WIDE)):
        global_index = slots.segments.global_index
        pattern = pattern_of_clips(inside, slots.anchor, first, length, first_node, global_index)
    return slots._replace(pattern=pattern, blocks=blocks)


def repeat_slots(slots: Slots, times: int) -> Slots:
    """The slots of a batch that holds the same clips ``times`` times, one batch after another."""
    num_nodes, (chunk, first_chunk, global_index) = slots.mask.size(0), slots.segments
    turn = torch.arange(times, device=chunk.device)[:, None]
    chunks = (chunk + turn * num_nodes).flatten(), (first_chunk + turn * chunk.numel()).flatten()
    anchor, global_index = ((nodes + turn * num_nodes).flatten() for nodes in (slots.anchor, global_index))
    pattern = None if slots.pattern is None else repeat_pattern(slots.pattern, times)
    blocks = None if slots.blocks is None else repeat_blocks(slots.blocks, times)
    return Slots(slots.mask.repeat(times, 1), anchor, Segments(*chunks, global_index), slots.window, pattern, blocks)


def slot_mask(edge_index: Tensor, edge_slot: Tensor, num_nodes: int, window: int) -> Tensor:
    """``[num_nodes, 2w + 3]`` bool, whether each slot holds one of the edges."""
    places = 2 * window + 3
    mask = torch.zeros(num_nodes * places, dtype=torch.bool, device=edge_index.device)
    return mask.index_fill(0, cells_of_edges(edge_index, edge_slot, window), True).view(num_nodes, places)


def inside_clip(first: Tensor, length: Tensor, window: int) -> Tensor:
    """``[num_nodes, 2w + 1]`` bool, whether each neighbour in time lies in the node's clip."""
    node = torch.arange(first.numel(), device=first.device)
    neighbour = node[:, None] + torch.arange(-window, window + 1, device=first.device)
    return (neighbour >= first[:, None]) & (neighbour < (first + length)[:, None])


def homes_of_edges(edge_index: Tensor, edge_slot: Tensor, window: int) -> Tensor:
    """``[E]`` the node whose row of the slot table holds each edge."""
    return torch.where(edge_slot == 2 * window + 2, edge_index[1], edge_index[0])


def cells_of_edges(edge_index: Tensor, edge_slot: Tensor, window: int) -> Tensor:
    """``[E]`` the cell of the flattened slot table that holds each edge."""
    return homes_of_edges(edge_index, edge_slot, window) * (2 * window + 3) + edge_slot


def window_of(edge_index: Tensor, edge_slot: Tensor) -> int:
    """w of an edge list with slots: every node's self-loop lies in slot w.

    Raises:
        ValueError: If the edge list has no self-loop.
    """
    loops = edge_slot[edge_index[0] == edge_index[1]]
    if loops.numel() == 0:
        raise ValueError("edge_slot does not come from build_topology: no self-loop is among the edges")
    return int(loops[0])


def edges_to_slots(value: Tensor, cells: Tensor, num_nodes: int, window: int) -> Tensor:
    """Write values of edges into a table that is 0 where there is no edge.

    Args:
        value: ``[E]``, or ``[E, heads]``.
        cells: ``[E]``, see :func:`cells_of_edges`.
        num_nodes: Rows of the table.
        window: w.

    Returns:
        ``[num_nodes, 2w + 3]``, or ``[num_nodes, 2w + 3, heads]``.
    """
    places, heads = 2 * window + 3, value.shape[1:]
    return value.new_zeros(num_nodes * places, *heads).index_copy(0, cells, value).view(num_nodes, places, *heads)


def slots_to_edges(table: Tensor, cells: Tensor) -> Tensor:
    """Read the values of the edges from a table; the inverse of :func:`edges_to_slots`."""
    return table.flatten(0, 1)[cells]

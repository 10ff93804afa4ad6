"""The slot table as a dense block per clip: where each of its cells lies in the adjacency matrices of the clips."""

from typing import NamedTuple

import torch
from torch import Tensor

LONGEST = 48  # nodes of a clip; beyond, a block multiplies more zeros than a sparse product costs
MOST_PADDING = 1.5  # rows of all blocks per node


class Blocks(NamedTuple):
    """B blocks of n x n cells, n the nodes of the longest clip, for a batch of N nodes with K = 2w + 3 slots each.

    Args:
        size: n.
        cell: ``[B n n]`` int64; for every source and destination of a clip the cell of the table that holds their edge,
            or one that holds none.
        place: ``[N K]`` int64; the inverse of ``cell``, 0 for cells without an edge.
        row: ``[B n]`` int64; the node of every row, 0 for padding. None if all clips have n nodes.
        node: ``[N]`` int64; the inverse of ``row``.
    """

    size: int
    cell: Tensor
    place: Tensor
    row: Tensor | None
    node: Tensor | None


def blocks_pay(length: Tensor, num_clips: int) -> bool:
    """Whether clips are short enough, and of similar enough lengths, for blocks to be the fastest way on a CPU.

    Args:
        length: ``[N]`` int64, nodes of each node's clip.
        num_clips: B.
    """
    if torch.compiler.is_compiling() or not length.is_cpu or not length.numel():
        return False
    longest = int(length.max())
    return longest <= LONGEST and num_clips * longest <= MOST_PADDING * length.numel()


def blocks_of_clips(mask: Tensor, anchor: Tensor, clip: Tensor, first: Tensor, length: Tensor) -> Blocks:
    """Number the cells of contiguous clips.

    Args:
        mask: ``[N, K]`` bool; whether the edge of each slot exists.
        anchor: ``[N]`` int64, global node of each node's clip.
        clip: ``[N]`` int64, the clip of each node.
        first: ``[N]`` int64, first node of each node's clip.
        length: ``[N]`` int64, nodes of each node's clip.
    """
    num_nodes, places = mask.shape
    longest, num_clips, window = int(length.max()), int(clip[-1]) + 1, (places - 3) // 2
    node = torch.arange(num_nodes, device=mask.device)
    near = node[:, None] + torch.arange(-window, window + 1, device=mask.device)
    source = torch.cat([node[:, None].expand(-1, places - 1), anchor[:, None]], dim=1)
    destination = torch.cat([near, anchor[:, None], node[:, None]], dim=1)
    within = (source - first[:, None]) * longest + destination - first[:, None]
    place = (clip[:, None] * longest**2 + within).masked_fill(~mask, 0).view(-1)
    exists, missing = mask.view(-1).nonzero()[:, 0], int(mask.view(-1).byte().argmin())
    cell = place.new_full((num_clips * longest**2,), missing).index_copy(0, place[exists], exists)
    if num_clips * longest == num_nodes:
        return Blocks(longest, cell, place, None, None)
    row = clip * longest + node - first
    return Blocks(longest, cell, place, row.new_zeros(num_clips * longest).index_copy(0, row, node), row)


def repeat_blocks(blocks: Blocks, times: int) -> Blocks:
    """The blocks of a batch that holds the same clips ``times`` times, one batch after another."""
    turn = torch.arange(times, device=blocks.cell.device)[:, None]
    cells, places = blocks.cell.numel(), blocks.place.numel()
    cell, place = (blocks.cell + turn * places).flatten(), (blocks.place + turn * cells).flatten()
    if blocks.row is None or blocks.node is None:
        return Blocks(blocks.size, cell, place, None, None)
    rows, nodes = blocks.row.numel(), blocks.node.numel()
    row, node = (blocks.row + turn * nodes).flatten(), (blocks.node + turn * rows).flatten()
    return Blocks(blocks.size, cell, place, row, node)

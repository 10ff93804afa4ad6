"""The slot table as a sparse matrix: where each of its cells lies among the rows of CSR.

An edge and its reverse always lie in the graph together, so one set of rows and columns serves A, its transpose and
the gradient of A. Every cell keeps an entry, existing or not, so that nothing depends on data but the values: a row
holds the 2w+2 first slots of its node, and the row of a global node the last slot of every node of its clip besides.
"""

import warnings
from typing import NamedTuple

import torch
from torch import Tensor

LARGEST = 2**31 - 1  # the sparse products of MKL count in int32
WIDE = 8  # window from which compiled code does not add shifted features
MKL = torch.backends.mkl.is_available()
with (
    warnings.catch_warnings()
):  # torch says once a process that CSR is in beta; it is of no use to who did not ask for it
    warnings.simplefilter("ignore")
    torch.sparse_csr_tensor([0, 1], [0], [1.0], (1, 1), check_invariants=False)


class Pattern(NamedTuple):
    """Rows and columns of the adjacency matrix of a batch, N nodes with K = 2w + 3 slots each.

    Args:
        row: ``[N + 1]`` int32; first entry of every row.
        column: ``[N K]`` int32; column of every entry.
        cell: ``[2, N K]`` int32; the cell of the transposed table ``[K, N]`` that holds the edge of every entry: from
            column to row, and from row to column.
        entry: ``[K N]`` int32; the inverse of ``cell[0]``.
        anchor: ``[N]`` int32; the global node of every node's clip.
        hub: ``[B]`` int64; the global node of every clip.
        clip: ``[B + 1]`` int64; first node of every clip, and N.
    """

    row: Tensor
    column: Tensor
    cell: Tensor
    entry: Tensor
    anchor: Tensor
    hub: Tensor
    clip: Tensor


def pattern_of_clips(
    inside: Tensor, anchor: Tensor, first: Tensor, length: Tensor, first_node: Tensor, global_index: Tensor
) -> Pattern | None:
    """Number the entries of contiguous clips.

    Args:
        inside: ``[N, 2w + 1]`` bool; whether each neighbour in time lies in the node's clip.
        anchor: ``[N]`` int64, global node of each node's clip.
        first: ``[N]`` int64, first node of each node's clip.
        length: ``[N]`` int64, nodes of each node's clip.
        first_node: ``[B]`` int64, first node of each clip.
        global_index: ``[B]`` int64, global node of each clip.

    Returns:
        None where no sparse product can use it: off the CPU, without MKL, in an exported graph, beyond int32.
    """
    num_nodes, places = inside.size(0), inside.size(1) + 2
    window = inside.size(1) // 2
    if not sparse_products_run(inside.device) or num_nodes * places > LARGEST:
        return None
    node, slot = torch.arange(num_nodes, dtype=torch.int32), torch.arange(places, dtype=torch.int32)
    anchor, first, length = anchor.int(), first.int(), length.int()
    near = slot[:-2]
    row = node * (places - 1) + first + length.where(node > anchor, 0)
    own = row[:, None] + slot[:-1]  # [N, 2w + 2]
    neighbour = (node[:, None] + (near - window)).where(inside, node[:, None])  # [N, 2w + 1]
    at_global = (row[anchor] + places - 1 + node - first)[:, None]

    leaving = torch.cat([own, at_global], dim=1)
    reverse = (row[neighbour] + (2 * window - near)).where(inside, own[:, :-1])
    arriving = torch.cat([reverse, at_global, own[:, -1:]], dim=1)
    hub, self = anchor[:, None], node[:, None]
    column = inverse_of(leaving, torch.cat([neighbour, hub, self], dim=1))
    cells = torch.arange(num_nodes * places, dtype=torch.int32)
    arriving = arriving.t().reshape(-1)
    cell = torch.stack([inverse_of(arriving, cells), inverse_of(leaving.t(), cells)])
    row = torch.cat([row, row.new_full((1,), num_nodes * places)])
    clip = torch.cat([first_node, first_node.new_full((1,), num_nodes)])
    return Pattern(row, column, cell, arriving, anchor, global_index, clip)


def repeat_pattern(pattern: Pattern, times: int) -> Pattern | None:
    """The pattern of the same clips ``times`` times; None beyond int32."""
    num_nodes, cells = pattern.row.numel() - 1, pattern.column.numel()
    if times * cells > LARGEST:
        return None
    turn = torch.arange(times, dtype=torch.int32)[:, None]
    row = torch.cat([(pattern.row[:-1] + turn * cells).flatten(), pattern.row.new_full((1,), times * cells)])
    first_node = (pattern.clip[:-1] + turn * num_nodes).flatten()
    slot, node = pattern.cell // num_nodes, pattern.cell % num_nodes
    cell = slot[:, None] * (times * num_nodes) + node[:, None] + turn * num_nodes  # [2, times, N K]
    return Pattern(
        row,
        column=(pattern.column + turn * num_nodes).flatten(),
        cell=cell.flatten(1),
        entry=(pattern.entry.view(-1, 1, num_nodes) + turn * cells).flatten(),
        anchor=(pattern.anchor + turn * num_nodes).flatten(),
        hub=(pattern.hub + turn * num_nodes).flatten(),
        clip=torch.cat([first_node, first_node.new_full((1,), times * num_nodes)]),
    )


def inverse_of(place: Tensor, value: Tensor) -> Tensor:
    """Write ``value`` at ``place``, which names every place once."""
    return torch.empty_like(value.reshape(-1)).index_copy(0, place.reshape(-1).long(), value.reshape(-1))


def sparse_products_run(device: torch.device) -> bool:
    """Whether torch multiplies sparse matrices here at full speed, and is not writing an exported graph."""
    return device.type == "cpu" and MKL and not torch.compiler.is_exporting()

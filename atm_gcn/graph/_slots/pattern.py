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
        cell: ``[2, N K]`` int32; the cell of the table that holds the edge of every entry: from column to row, and
            from row to column.
        entry: ``[N K]`` int32; the inverse of ``cell[0]``.
        degree: ``[2, N K]`` int32; per cell the destination of its edge, and N + the source.
        degree_row: ``[2 N + 1]`` int64; first entry of every row of the matrix and of its transpose, one after another.
    """

    row: Tensor
    column: Tensor
    cell: Tensor
    entry: Tensor
    degree: Tensor
    degree_row: Tensor


def pattern_of_clips(inside: Tensor, anchor: Tensor, first: Tensor, length: Tensor) -> Pattern | None:
    """Number the entries of contiguous clips.

    Args:
        inside: ``[N, 2w + 1]`` bool; whether each neighbour in time lies in the node's clip.
        anchor: ``[N]`` int64, global node of each node's clip.
        first: ``[N]`` int64, first node of each node's clip.
        length: ``[N]`` int64, nodes of each node's clip.

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
    cell = torch.stack([inverse_of(arriving, cells), inverse_of(leaving, cells)])
    source = torch.cat([self.expand(-1, places - 1), hub], dim=1)
    destination = torch.cat([neighbour, hub, self], dim=1)
    degree = torch.stack([destination.reshape(-1), source.reshape(-1) + num_nodes])
    row = torch.cat([row, row.new_full((1,), num_nodes * places)])
    degree_row = torch.cat([row, row[1:] + num_nodes * places])
    return Pattern(row, column, cell, arriving.reshape(-1), degree, degree_row.long())


def repeat_pattern(pattern: Pattern, times: int) -> Pattern | None:
    """The pattern of the same clips ``times`` times; None beyond int32."""
    num_nodes, cells = pattern.row.numel() - 1, pattern.column.numel()
    if times * cells > LARGEST:
        return None
    turn = torch.arange(times, dtype=torch.int32)[:, None]
    row = torch.cat([(pattern.row[:-1] + turn * cells).flatten(), pattern.row.new_full((1,), times * cells)])
    source = pattern.degree[1] + (times - 1) * num_nodes
    degree = torch.stack([(nodes + turn * num_nodes).flatten() for nodes in (pattern.degree[0], source)])
    return Pattern(
        row,
        column=(pattern.column + turn * num_nodes).flatten(),
        cell=(pattern.cell[:, None] + turn * cells).flatten(1),
        entry=(pattern.entry + turn * cells).flatten(),
        degree=degree,
        degree_row=torch.cat([row, row[1:] + times * cells]).long(),
    )


def inverse_of(place: Tensor, value: Tensor) -> Tensor:
    """Write ``value`` at ``place``, which names every place once."""
    return torch.empty_like(value.reshape(-1)).index_copy(0, place.reshape(-1).long(), value.reshape(-1))


def sparse_products_run(device: torch.device) -> bool:
    """Whether torch multiplies sparse matrices here at full speed, and is not writing an exported graph."""
    return device.type == "cpu" and MKL and not torch.compiler.is_exporting()

"""Eq. 3-5: which motion features exchange messages, for a batch of clips of any lengths.

Every edge has a home node and a slot, ``K = 2w + 3`` slots per node, which name it uniquely:

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

from atm_gcn.defaults import NORMALIZATIONS
from atm_gcn.errors import BatchError
from atm_gcn.graph._slots.table import slots_of_clips


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


def build_topology(num_nodes: Tensor, global_node: Tensor | None, window: int) -> Topology:
    r"""The edges among the motion nodes of every clip.

    .. math::
        \mathcal{E} = \{(v_i, v_j) : |i - j| \le w\} \cup \{(v_i, v_g), (v_g, v_i)\}

    Args:
        num_nodes: ``[B]`` int64, nodes n of each clip, at least 1.
        global_node: ``[B]`` int64, the apex frame's node within its clip, in ``[0, n)``; None leaves the edges of
            Eq. 4 and 5 out, for clips without an apex.
        window: w, at least 0; every node is connected to itself and w neighbours on each side (Eq. 3).

    Raises:
        ValueError: If the sizes differ, there is no clip, a clip has no node, a global node lies outside of its clip,
            or w is negative.
    """
    num_nodes = torch.as_tensor(num_nodes)
    has_global = global_node is not None
    global_node = torch.as_tensor(global_node) if global_node is not None else torch.zeros_like(num_nodes)
    if num_nodes.dim() != 1 or num_nodes.shape != global_node.shape:
        raise ValueError(
            f"num_nodes {list(num_nodes.shape)} and global_node {list(global_node.shape)} must both be [B]"
        )
    if window < 0:
        raise ValueError(f"window must be 0 or more, not {window}")
    check_clips(*torch.stack([num_nodes, global_node]).tolist())
    first_node = num_nodes.cumsum(0) - num_nodes
    clip = torch.repeat_interleave(num_nodes)
    slots = slots_of_clips(clip, num_nodes, first_node, first_node + global_node, window, "banded")

    home, slot = (slots.mask if has_global else slots.mask[:, : 2 * window + 1]).nonzero(as_tuple=True)
    anchor = slots.anchor[home]
    source = torch.where(slot == 2 * window + 2, anchor, home)
    destination = torch.where(
        slot <= 2 * window, home + slot - window, torch.where(slot == 2 * window + 1, anchor, home)
    )
    edge_index, edge_slot = sort_edge_index(torch.stack([source, destination]), slot, sort_by_row=False)
    return Topology(edge_index, edge_slot, window)


def check_rows(name: str, value: Tensor, length: int, what: str) -> None:
    """Make sure that ``value`` has one row for each of ``length`` nodes or edges; compiled code is not checked.

    Raises:
        BatchError: If it has not.
    """
    if not torch.compiler.is_compiling() and len(value) != length:
        raise BatchError(f"{name} must hold one value for each of {length} {what}, not {len(value)}")


def check_width(name: str, value: Tensor, channels: int) -> None:
    """Make sure that rows have ``channels`` features; -1 allows any, and compiled code is not checked.

    Raises:
        BatchError: If they have not.
    """
    if not torch.compiler.is_compiling() and channels > 0 and value.size(-1) != channels:
        raise BatchError(
            f"{name} must have {channels} features per row, for which the layer was built, not {value.size(-1)}"
        )


def check_normalization(normalize: str | None) -> None:
    """Make sure that N of Eq. 9 has this name.

    Raises:
        ValueError: If it has not.
    """
    if normalize not in NORMALIZATIONS:
        raise ValueError(f"normalize must be one of {NORMALIZATIONS}, not {normalize!r}")


def check_heads(heads: int, channels: int) -> None:
    """Make sure that every head weighs as many channels; compiled code is not checked.

    Raises:
        BatchError: If they cannot be divided so.
    """
    if not torch.compiler.is_compiling() and channels % heads:
        raise BatchError(f"edge_weight has {heads} heads, which must divide the {channels} channels of the layer")


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

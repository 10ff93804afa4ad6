"""The graph as slots: the fast ways over contiguous clips."""

import weakref
from typing import NamedTuple, Self

import torch
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

from atm_gcn.defaults import Backend
from atm_gcn.errors import BatchError
from atm_gcn.graph._backends import SLOT_SUMS, Propagate, fastest
from atm_gcn.graph._slots.table import Slots, repeat_slots, slots_of_clips, slots_of_edges, window_of
from atm_gcn.graph.topology import check_heads
from atm_gcn.graph.weighting import temporal_motion_slots


class SlotGraph(NamedTuple):
    """The clips of a batch; weights are ``[num_nodes, 2w + 3]``, or ``[num_nodes, 2w + 3, heads]``. Fulfils
    :class:`~atm_gcn.graph.base.Graph`.

    Args:
        slots: The table of edges.
        backend: ``"banded"``, ``"csr"`` or ``"auto"``; see :class:`~atm_gcn.TMGCNConv`.
        repeated: The clips once per head, as :meth:`with_heads` prepares them.
    """

    slots: Slots
    backend: Backend = "auto"
    repeated: Slots | None = None

    @classmethod
    def of_clips(
        cls,
        clip: Tensor,
        num_nodes: Tensor,
        first_node: Tensor,
        global_index: Tensor,
        window: int,
        backend: Backend = "auto",
    ) -> Self:
        """The graph of contiguous clips by Eq. 3-5, without an edge list.

        Args:
            clip: ``[num_nodes]`` int64, the clip of each node (PyG's ``batch``).
            num_nodes: ``[B]`` int64, nodes of each clip.
            first_node: ``[B]`` int64, first node of each clip (PyG's ``ptr[:-1]``).
            global_index: ``[B]`` int64, global node of each clip, counted over the batch.
            window: w.
            backend: See above.
        """
        return cls(slots_of_clips(clip, num_nodes, first_node, global_index, window), backend)

    @classmethod
    def of_edges(cls, edge_index: Tensor, edge_slot: Tensor, num_nodes: int, backend: Backend = "auto") -> Self:
        """The graph of an edge list of :func:`~atm_gcn.graph.build_topology`; edges may be missing from it.

        The slots of the last edge lists are kept for as long as their ``edge_slot`` lives, so that several layers, or
        several calls, over one edge list build them once. They are built anew after a change in place, except through
        ``.data`` or a NumPy view, which torch does not count as a change.

        Raises:
            ValueError: If the edge list has no self-loop, so that it is none of ``build_topology``.
        """
        if torch.compiler.is_compiling() or edge_index.is_inference() or edge_slot.is_inference():
            return cls(slots_of_edges(edge_index, edge_slot, num_nodes, window_of(edge_index, edge_slot)), backend)
        key = (num_nodes, edge_index._version, edge_slot._version)
        known = _KNOWN.get(edge_slot)
        if known is None or known.key != key or known.edge_index() is not edge_index:
            slots = slots_of_edges(edge_index, edge_slot, num_nodes, window_of(edge_index, edge_slot))
            known = _KNOWN[edge_slot] = _Known(key, weakref.ref(edge_index), slots)
        return cls(known.slots, backend)

    @property
    def num_nodes(self) -> int:
        """Nodes of the batch."""
        return self.slots.mask.size(0)

    def initial_weights(
        self,
        x: Tensor,
        pos: Tensor,
        global_index: Tensor,
        tau: float | Tensor,
        lambda_local: float | Tensor,
        lambda_global: float | Tensor,
    ) -> Tensor:
        return temporal_motion_slots(x, self.slots, pos, global_index, tau, lambda_local, lambda_global)

    def slot_mask(self) -> Tensor:
        return self.slots.mask

    def to_slots(self, weight: Tensor) -> Tensor:
        return weight

    def from_slots(self, table: Tensor) -> Tensor:
        return table

    def with_heads(self, heads: int) -> Self:
        return self._replace(repeated=repeat_slots(self.slots, heads))

    def check_weights(self, weight: Tensor) -> None:
        if not torch.compiler.is_compiling() and weight.shape[:2] != self.slots.mask.shape:
            expected, given = list(self.slots.mask.shape), list(weight.shape)
            raise BatchError(f"edge_weight of a SlotGraph must be {expected}, one per slot, not {given}")

    def weighted_sum(
        self,
        x: Tensor,
        weight: Tensor,
        normalize: str | None,
        bias: Tensor | None,
        propagate: Propagate,
    ) -> Tensor:
        backend = fastest(self.slots) if self.backend == "auto" else self.backend
        if backend not in SLOT_SUMS:
            raise ValueError(f"backend of a SlotGraph must be auto, {' or '.join(SLOT_SUMS)}, not {backend!r}")
        if weight.dim() == 2:
            return SLOT_SUMS[backend](x, weight, self.slots, normalize, bias)
        heads, (num_nodes, channels) = weight.size(2), x.shape
        check_heads(heads, channels)
        slots = self.repeated or repeat_slots(self.slots, heads)
        by_head = x.view(num_nodes, heads, channels // heads).transpose(0, 1)
        out = SLOT_SUMS[backend](by_head.flatten(0, 1), weight.movedim(2, 0).flatten(0, 1), slots, normalize, None)
        out = out.view(heads, num_nodes, -1).transpose(0, 1).flatten(1)
        return out if bias is None else out + bias


class _Known(NamedTuple):
    """Slots that were built from an edge list, and what tells whether it is still the same."""

    key: tuple[int, int, int]
    edge_index: "weakref.ref[Tensor]"
    slots: Slots


_KNOWN: "WeakTensorKeyDictionary" = WeakTensorKeyDictionary()

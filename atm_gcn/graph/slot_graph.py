"""The graph as slots: the fast ways over contiguous clips."""

import weakref
from collections.abc import Callable
from typing import NamedTuple, Self

import torch
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

from atm_gcn.defaults import Backend, SlotBackend
from atm_gcn.errors import BatchError, either
from atm_gcn.graph._backends import SLOT_SUMS, Propagate, fastest
from atm_gcn.graph._backends.blocks import blocks_and_linear, weight_after_sum
from atm_gcn.graph._slots.table import (
    Slots,
    cells_of_edges,
    edges_to_slots,
    repeat_slots,
    slots_of_clips,
    slots_of_edges,
    window_of,
)
from atm_gcn.graph.topology import check_heads
from atm_gcn.graph.weighting import temporal_motion_slots


class SlotGraph(NamedTuple):
    """The clips of a batch; weights are ``[num_nodes, 2w + 3]``, or ``[num_nodes, 2w + 3, heads]``. Of a graph that was
    made of an edge list they may also be ``[E]``. Fulfils :class:`~atm_gcn.graph.base.Graph`.

    Args:
        slots: The table of edges.
        backend: ``"banded"``, ``"csr"``, ``"blocks"`` or ``"auto"``; see :class:`~atm_gcn.TMGCNConv`.
        repeated: The clips once per head, as :meth:`with_heads` prepares them.
        places: ``[E]`` int64 for each way over slots, where its form of the table holds the edges of the list that the
            graph was made of.
    """

    slots: Slots
    backend: Backend = "auto"
    repeated: Slots | None = None
    places: dict[SlotBackend, Tensor] | None = None

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
        return cls(slots_of_clips(clip, num_nodes, first_node, global_index, window, backend), backend)

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
            return cls._made(edge_index, edge_slot, num_nodes, backend)
        key = (num_nodes, edge_index._version, edge_slot._version)
        known = _KNOWN.get(edge_slot)
        if known is None or known.key != key or known.edge_index() is not edge_index:
            known = _KNOWN[edge_slot] = _Known(key, weakref.ref(edge_index), {})
        if backend not in known.graphs:
            known.graphs[backend] = cls._made(edge_index, edge_slot, num_nodes, backend)
        return known.graphs[backend]

    @classmethod
    def _made(cls, edge_index: Tensor, edge_slot: Tensor, num_nodes: int, backend: Backend) -> Self:
        window = window_of(edge_index, edge_slot)
        slots = slots_of_edges(edge_index, edge_slot, num_nodes, window, backend)
        cell, slot_count = cells_of_edges(edge_index, edge_slot, window), slots.mask.size(1)
        places: dict[SlotBackend, Tensor] = {"banded": cell}
        if slots.pattern is not None:
            places["csr"] = cell % slot_count * num_nodes + cell // slot_count
        if slots.blocks is not None:
            places["blocks"] = slots.blocks.place[cell]
        return cls(slots, backend, places=places)

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

    def table_of(self, value: Tensor) -> Tensor:
        """Slot rows of values ``[E]`` or ``[E, heads]`` of the edge list that the graph was made of."""
        if self.places is None:
            raise BatchError("values of edges need a SlotGraph that was made of an edge list, by of_edges")
        return edges_to_slots(value, self.places["banded"], self.num_nodes, self.slots.window)

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
        lin: Callable[[Tensor], Tensor] | None = None,
    ) -> Tensor:
        backend = fastest(self.slots) if self.backend == "auto" else self.backend
        if backend not in SLOT_SUMS:
            raise ValueError(f"backend of a SlotGraph must be {either(['auto', *SLOT_SUMS])}, not {backend!r}")
        place = None
        if weight.dim() == 1 and self.places is not None:
            place = self.places.get(backend)
        if backend == "blocks" and weight.dim() < 3 and (linear := weight_after_sum(lin, x, weight)) is not None:
            return blocks_and_linear(x, weight, self.slots, normalize, bias, linear, place)
        x = x if lin is None else lin(x)
        if weight.dim() < 3:
            return SLOT_SUMS[backend](x, weight, self.slots, normalize, bias, place)
        heads, (num_nodes, channels) = weight.size(2), x.shape
        check_heads(heads, channels)
        slots = self.repeated or repeat_slots(self.slots, heads)
        by_head = x.view(num_nodes, heads, channels // heads).transpose(0, 1)
        out = SLOT_SUMS[backend](
            by_head.flatten(0, 1), weight.movedim(2, 0).flatten(0, 1), slots, normalize, None, None
        )
        out = out.view(heads, num_nodes, -1).transpose(0, 1).flatten(1)
        return out if bias is None else out + bias


class _Known(NamedTuple):
    """The graphs that were made of an edge list, and what tells whether it is still the same."""

    key: tuple[int, int, int]
    edge_index: "weakref.ref[Tensor]"
    graphs: "dict[Backend, SlotGraph]"


_KNOWN: "WeakTensorKeyDictionary" = WeakTensorKeyDictionary()

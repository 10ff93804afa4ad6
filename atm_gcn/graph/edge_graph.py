"""The graph as an edge list."""

from collections.abc import Callable
from typing import NamedTuple, Self

from torch import Tensor

from atm_gcn.defaults import EDGE_BACKENDS, EdgeBackend
from atm_gcn.errors import BatchError
from atm_gcn.graph._backends import EDGE_SUMS, Propagate
from atm_gcn.graph._backends.edges import normalize_edges
from atm_gcn.graph._slots.table import cells_of_edges, edges_to_slots, slot_mask, slots_to_edges
from atm_gcn.graph.topology import check_heads, check_rows
from atm_gcn.graph.weighting import temporal_motion_weight


class EdgeGraph(NamedTuple):
    """Any ``edge_index``; weights are ``[E]`` or ``[E, heads]``. Fulfils :class:`~atm_gcn.graph.base.Graph`.

    Args:
        edge_index: ``[2, E]`` int64, source and destination of each edge.
        num_nodes: Nodes of the batch.
        edge_slot: ``[E]`` int64, the slot of each edge, as :func:`~atm_gcn.graph.build_topology` returns it; only
            Adaptive-TM needs it.
        window: w, with ``edge_slot``.
        backend: ``"edges"`` or ``"scatter"``.
    """

    edge_index: Tensor
    num_nodes: int
    edge_slot: Tensor | None = None
    window: int = 0
    backend: EdgeBackend = "edges"

    def initial_weights(
        self,
        x: Tensor,
        pos: Tensor,
        global_index: Tensor,
        tau: float | Tensor,
        lambda_local: float | Tensor,
        lambda_global: float | Tensor,
    ) -> Tensor:
        return temporal_motion_weight(x, self.edge_index, pos, global_index, tau, lambda_local, lambda_global)

    def slot_mask(self) -> Tensor:
        return slot_mask(self.edge_index, self._slot, self.num_nodes, self.window)

    def to_slots(self, weight: Tensor) -> Tensor:
        return edges_to_slots(weight, self._cells, self.num_nodes, self.window)

    def from_slots(self, table: Tensor) -> Tensor:
        return slots_to_edges(table, self._cells)

    def with_heads(self, heads: int) -> Self:
        return self

    def check_weights(self, weight: Tensor) -> None:
        check_rows("edge_weight", weight, self.edge_index.size(1), "edges")

    def weighted_sum(
        self,
        x: Tensor,
        weight: Tensor,
        normalize: str | None,
        bias: Tensor | None,
        propagate: Propagate,
        lin: Callable[[Tensor], Tensor] | None = None,
    ) -> Tensor:
        if self.backend not in EDGE_BACKENDS:
            raise ValueError(f"backend of an EdgeGraph must be {' or '.join(EDGE_BACKENDS)}, not {self.backend!r}")
        x = x if lin is None else lin(x)
        if weight.dim() == 2:
            check_heads(weight.size(1), x.size(1))
        alpha = normalize_edges(weight, self.edge_index, x.size(0), normalize)
        out = EDGE_SUMS.get(self.backend, propagate)(self.edge_index, x, alpha)
        return out if bias is None else out + bias

    @property
    def _cells(self) -> Tensor:
        return cells_of_edges(self.edge_index, self._slot, self.window)

    @property
    def _slot(self) -> Tensor:
        if self.edge_slot is None:
            raise BatchError("Adaptive-TM needs edge_slot beside edge_index; build_topology returns both")
        return self.edge_slot

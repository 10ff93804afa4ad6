"""The graph in the form that a backend reads."""

import torch
from torch import Tensor
from torch_geometric.typing import Adj
from torch_geometric.utils import is_sparse, to_edge_index

from atm_gcn.defaults import EDGE_BACKENDS, SLOT_BACKENDS, Backend, EdgeBackend
from atm_gcn.errors import BatchError
from atm_gcn.graph._slots.table import window_of
from atm_gcn.graph.base import Graph
from atm_gcn.graph.edge_graph import EdgeGraph
from atm_gcn.graph.slot_graph import SlotGraph
from atm_gcn.graph.topology import build_topology, check_rows


def as_graph(
    edges: Adj | Graph,
    edge_weight: Tensor | None,
    edge_slot: Tensor | None,
    num_nodes: int,
    backend: Backend,
    values: bool = True,
) -> tuple[Graph, Tensor | None]:
    """What a layer is called with as a graph, and the weights in the layout of that graph.

    Args:
        edges: ``edge_index`` ``[2, E]``, a sparse transposed adjacency matrix, or a graph.
        edge_weight: ``[E]``, in the graph's own layout if a graph is given, or None.
        edge_slot: ``[E]`` slots of ``edge_index``, or None.
        num_nodes: Nodes of the batch.
        backend: Used for ``edge_index`` and matrices; see :class:`~atm_gcn.TMGCNConv`.
        values: Whether the values of a sparse matrix are its weights.

    Raises:
        BatchError: If ``edge_weight`` or ``edge_slot`` has another length.
        ValueError: If the backend needs slots and there are none.
    """
    if is_sparse(edges):
        transposed, value = to_edge_index(edges)
        return as_graph(transposed.flip(0), value if values else None, None, num_nodes, backend)
    if not isinstance(edges, Tensor):
        if not hasattr(edges, "weighted_sum"):
            raise BatchError(f"edge_index must be a tensor, a sparse matrix or a graph, not {type(edges).__name__}")
        if edges.num_nodes != num_nodes:
            raise BatchError(f"x must have a row for each of the graph's {edges.num_nodes} nodes, not {num_nodes}")
        if edge_weight is not None:
            edges.check_weights(edge_weight)
        return edges, edge_weight
    edge_index = edges
    if edge_slot is None and backend in SLOT_BACKENDS:
        raise ValueError(f'backend "{backend}" needs edge_slot, which build_topology returns beside edge_index')
    for name, value in (("edge_weight", edge_weight), ("edge_slot", edge_slot)):
        if value is not None:
            check_rows(name, value, edge_index.size(1), "edges")
    if edge_slot is None or backend in EDGE_BACKENDS:
        return EdgeGraph(edge_index, num_nodes, edge_slot, backend=_of_edges(backend)), edge_weight
    graph = SlotGraph.of_edges(edge_index, edge_slot, num_nodes, backend)
    if edge_weight is not None and edge_weight.dim() == 2:
        edge_weight = graph.table_of(edge_weight)
    return graph, edge_weight


def graph_of_clips(
    clip: Tensor,
    ptr: Tensor,
    global_index: Tensor,
    window: int,
    backend: Backend,
    edge_index: Tensor | None = None,
    edge_slot: Tensor | None = None,
) -> Graph:
    """The graph of contiguous clips: their own edges, or by Eq. 3-5 if they have none or those of another window.

    Args:
        clip: ``[num_nodes]`` int64, the clip of each node (PyG's ``batch``).
        ptr: ``[B + 1]`` int64, first node of each clip, and the number of nodes.
        global_index: ``[B]`` int64, global nodes, counted over the batch; ``[0]`` if no clip has one.
        window: w.
        backend: See :class:`~atm_gcn.TMGCNConv`.
        edge_index: ``[2, E]``, the clips' own edges.
        edge_slot: ``[E]``, their slots.
    """
    if edge_index is None and backend in EDGE_BACKENDS and torch.compiler.is_compiling():
        backend = "banded"  # an edge list has as many edges as the clips happen to have
    if backend in EDGE_BACKENDS or (edge_index is not None and edge_slot is None):
        return edge_graph_of_clips(clip.numel(), ptr, global_index, window, edge_index, edge_slot, _of_edges(backend))
    if not global_index.numel():
        if edge_index is None or edge_slot is None or _has_other_window(edge_index, edge_slot, window):
            edge_index, edge_slot, _ = build_topology(ptr.diff(), None, window)
        return SlotGraph.of_edges(edge_index, edge_slot, clip.numel(), backend)
    graph = SlotGraph.of_clips(clip, ptr.diff(), ptr[:-1], global_index, window, backend)
    if edge_index is None or edge_slot is None or torch.compiler.is_compiling():
        return graph
    if edge_index.size(1) != int(graph.slots.mask.sum()) and window_of(edge_index, edge_slot) == window:
        return SlotGraph.of_edges(edge_index, edge_slot, clip.numel(), backend)  # some edges are missing
    return graph


def edge_graph_of_clips(
    num_nodes: int,
    ptr: Tensor,
    global_index: Tensor,
    window: int,
    edge_index: Tensor | None = None,
    edge_slot: Tensor | None = None,
    backend: EdgeBackend = "edges",
) -> EdgeGraph:
    """The edge list of contiguous clips: their own, or by Eq. 3-5; see :func:`graph_of_clips`."""
    if edge_index is None or _has_other_window(edge_index, edge_slot, window):
        global_node = global_index - ptr[:-1] if global_index.numel() else None
        edge_index, edge_slot, _ = build_topology(ptr.diff(), global_node, window)
    return EdgeGraph(edge_index, num_nodes, edge_slot, window, backend)


def _has_other_window(edge_index: Tensor, edge_slot: Tensor | None, window: int) -> bool:
    if edge_slot is None or torch.compiler.is_compiling():
        return False
    return window_of(edge_index, edge_slot) != window


def _of_edges(backend: Backend) -> EdgeBackend:
    return "scatter" if backend == "scatter" else "edges"

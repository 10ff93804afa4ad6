"""The inner values of a model for a batch, as :meth:`atm_gcn.ATMGCN.explain` returns them."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from atm_gcn.errors import ATMGCNError
from atm_gcn.graph import EdgeGraph
from atm_gcn.metrics.edge_weights import EdgeWeightMeasures

PART = 64  # frames


@dataclass(frozen=True)
class Explanation:
    r"""The inner values of :class:`~atm_gcn.ATMGCN` for a batch of B clips with n motion nodes in all.

    Everything lies in the order of the nodes: clip after clip, and in time within each.

    Args:
        attention_maps: The map A of every continuous attention block, ``[n, 1, H_k, W_k]`` in [0, 1]; the first is
            that of the paper's Figure 5. Empty if the batch has motion features instead of frames.
        edge_index: ``[2, E]`` int64, sorted by destination; row 0 holds the source of each edge (Eq. 3-5). Empty
            without the graph stack.
        edge_weight: A^(l) of Eq. 10 on these edges, for each TM-GCN layer ``[E]``, or ``[E, heads]`` where Adaptive-TM
            has several heads, as it is before the degree normalisation of the layer.
        readout_weights: For each clip the readout's attention, ``[heads, n_b, n_b]``; row i holds the weights of
            node i's attention to the others and sums to 1 (Eq. 11). Empty for a readout that gives no weights.
        frame_difference: ``[n]`` mean of :math:`|f_i - f_{onset}|` over pixels and channels, frames in 0..1; None
            for a model that reads no frames.
        feature_norm: ``[n]`` :math:`\lVert m_i \rVert_2` (Eq. 2).
        probabilities: ``[B, C]``; rows sum to 1.
        pos: ``[n]`` position in time, in frames at the clip's rate; the onset is 1.
        global_index: ``[B]`` int64, the apex frame's node of each clip, over the batch; ``[0]`` if none has one.
        ptr: ``[B + 1]`` int64, first node of each clip, and n.
        flow_magnitude: ``[n]`` mean of :math:`\sqrt{u^2 + v^2}` over pixels, in the unit of the flow; None for a model
            that reads no optical flow.
        initial_weight: ``[E]`` A^(0) of Eq. 6-8 on these edges; None for a graph stack that does not give it.
        edge_slot: ``[E]`` int64 slot of each edge, see :mod:`atm_gcn.graph.topology`; None if unknown.
        pooling_weight: ``[n, P]`` what the pooling of the readout gives each node, a column for each vector that it
            passes on: 1 / n_b for the mean, the softmax of attention pooling, 1 at the global node for the apex. Sums
            to 1 per clip. None for a pooling without weights, such as the maximum.
    """

    attention_maps: list[Tensor]
    edge_index: Tensor
    edge_weight: list[Tensor]
    readout_weights: list[Tensor]
    frame_difference: Tensor | None
    feature_norm: Tensor
    probabilities: Tensor
    pos: Tensor
    global_index: Tensor
    ptr: Tensor
    flow_magnitude: Tensor | None = None
    initial_weight: Tensor | None = None
    edge_slot: Tensor | None = None
    pooling_weight: Tensor | None = None

    def __len__(self) -> int:
        """Number of clips B."""
        return self.ptr.numel() - 1

    @property
    def readout_attention(self) -> Tensor | None:
        """``[n]`` attention of the readout to each frame; sums to 1 per clip.

        The mean over heads, and over queries as the pooling weighs them: a query that the pooling leaves out counts
        nothing. Of several pooled vectors, and of a pooling without weights, the plain mean. None if the readout gives
        no weights.
        """
        pooled = self.pooled_attention
        return None if pooled is None else pooled.mean(dim=1)

    @property
    def pooled_attention(self) -> Tensor | None:
        r"""``[n, P]`` :attr:`readout_attention` for each vector that the pooling passes on.

        .. math::
            \sum_i p_i \frac{1}{H} \sum_{h=1}^{H} a_{ij}^{(h)}
        """
        if not self.readout_weights:
            return None
        if self.pooling_weight is None:
            return torch.cat([weights.mean(dim=(0, 1)) for weights in self.readout_weights])[:, None]
        queries = self.pooling_weight.split([weights.size(1) for weights in self.readout_weights])
        each = zip(self.readout_weights, queries, strict=True)
        return torch.cat([weights.mean(dim=0).T @ query.to(weights.dtype) for weights, query in each])

    @property
    def global_edges(self) -> Tensor:
        """``[E]`` bool: edges into or out of the global node (Eq. 4-5), without its self-loop."""
        return self._measures.is_global

    def edge_counts(self) -> tuple[Tensor, Tensor]:
        """``[B]`` edges of each clip, and how many of them are :attr:`global_edges`."""
        clip = self._measures.clip
        return clip.bincount(minlength=len(self)), clip[self.global_edges].bincount(minlength=len(self))

    @property
    def global_edge_share(self) -> Tensor:
        """``[B]`` share of each clip's edges that are :attr:`global_edges`: what :meth:`global_share` compares with."""
        edges, of_global = self.edge_counts()
        return of_global / edges

    def global_share(self, layer: int) -> Tensor:
        """``[B, heads]`` share of the sum of absolute values of A^(l) on edges of the global node.

        See :meth:`~atm_gcn.metrics.edge_weights.EdgeWeightMeasures.global_share`.

        Args:
            layer: TM-GCN layer, counted from 1; 0 for A^(0).
        """
        return self._measures.global_share(self._weights_of(layer))

    def initial_correlation(self, layer: int) -> Tensor:
        """``[B, heads]`` correlation of A^(l) with A^(0) over edges between different nodes.

        See :meth:`~atm_gcn.metrics.edge_weights.EdgeWeightMeasures.correlation`.

        Args:
            layer: TM-GCN layer, counted from 1.

        Raises:
            ATMGCNError: If there is no such layer, or A^(0) is unknown.
        """
        return self._measures.correlation(self._weights_of(layer), self._weights_of(0)[:, 0])

    def initial_slope(self, layer: int) -> Tensor:
        """``[B, heads]`` by how much A^(l) differs where A^(0) differs by 1 among edges of the same kind.

        See :meth:`~atm_gcn.metrics.edge_weights.EdgeWeightMeasures.slope`.

        Args:
            layer: TM-GCN layer, counted from 1.

        Raises:
            ATMGCNError: If there is no such layer, or A^(0) is unknown.
        """
        return self._measures.slope(self._weights_of(layer), self._weights_of(0)[:, 0])

    @cached_property
    def _measures(self) -> EdgeWeightMeasures:
        return EdgeWeightMeasures(self.edge_index, self.global_index, self.ptr, self.edge_slot)

    def heads(self, layer: int) -> int:
        """Heads of the Adaptive-TM layer before one TM-GCN layer, counted from 1; 1 without Adaptive-TM."""
        return self._weights_of(layer).size(1)

    def adjacency(self, layer: int, head: int = 1) -> Tensor:
        """A^(l) as a matrix ``[n, n]``: row i, column j weighs the edge from i to j.

        Args:
            layer: TM-GCN layer, counted from 1; 0 for A^(0) of Eq. 6-8.
            head: Head of Adaptive-TM, counted from 1.

        Raises:
            ATMGCNError: If there is no such layer or head.
        """
        weights = self._weights_of(layer)
        if not 1 <= head <= weights.size(1):
            raise ATMGCNError(f"head must be from 1 to {weights.size(1)}, the heads of layer {layer}, not {head}")
        n, weight = self.pos.numel(), weights[:, head - 1]
        return weight.new_zeros(n, n).index_put(tuple(self.edge_index), weight)

    def _weights_of(self, layer: int) -> Tensor:
        """``[E, heads]``; layer 0 is A^(0)."""
        if layer == 0:
            if self.initial_weight is None:
                raise ATMGCNError("A^(0) is unknown: the model's graph gives no initial_weights")
            return self.initial_weight[:, None]
        if not 1 <= layer <= len(self.edge_weight):
            raise ATMGCNError(f"layer must be from 1 to {len(self.edge_weight)}, or 0 for A^(0), not {layer}")
        weight = self.edge_weight[layer - 1]
        return weight if weight.dim() == 2 else weight[:, None]

    def cpu(self) -> "Explanation":
        """A copy on the CPU."""
        values: dict[str, Any] = {field.name: _cpu(getattr(self, field.name)) for field in fields(self)}
        return Explanation(**values)

    def split(self) -> list["Explanation"]:
        """One explanation for each clip; its nodes and edges count from 0."""
        return list(self._clips())

    def _clips(self) -> Iterator["Explanation"]:
        for clip, (first, end) in enumerate(pairwise(self.ptr.tolist())):
            inside = (self.edge_index[1] >= first) & (self.edge_index[1] < end)
            yield Explanation(
                attention_maps=[maps[first:end] for maps in self.attention_maps],
                edge_index=self.edge_index[:, inside] - first,
                edge_weight=[weight[inside] for weight in self.edge_weight],
                readout_weights=self.readout_weights[clip : clip + 1],
                frame_difference=_rows(self.frame_difference, first, end),
                feature_norm=self.feature_norm[first:end],
                probabilities=self.probabilities[clip : clip + 1],
                pos=self.pos[first:end],
                global_index=self.global_index[clip : clip + 1] - first,
                ptr=self.ptr.new_tensor([0, end - first]),
                flow_magnitude=_rows(self.flow_magnitude, first, end),
                initial_weight=None if self.initial_weight is None else self.initial_weight[inside],
                edge_slot=None if self.edge_slot is None else self.edge_slot[inside],
                pooling_weight=_rows(self.pooling_weight, first, end),
            )


class OnEdges(nn.Module):
    """An :class:`~atm_gcn.ATMGCN` that takes tensors instead of a batch and sends messages along ``edge_index``.

    For :class:`torch_geometric.explain.Explainer`, which masks messages or reads their weights.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        x: Tensor,
        edge_index: Tensor,
        edge_slot: Tensor,
        pos: Tensor,
        global_index: Tensor,
        batch: Tensor | None = None,
    ) -> Tensor:
        """``[B, C]`` logits of motion features ``x`` ``[num_nodes, motion_channels]``; one clip without ``batch``."""
        model: Any = self.model
        clip = torch.zeros_like(pos, dtype=torch.int64) if batch is None else batch
        if model.graph is not None:
            graph = EdgeGraph(edge_index, x.size(0), edge_slot, model.config.window)
            x = model.relate(x, Data(pos=pos, global_index=global_index), graph)
        num_clips = int(clip[-1]) + 1 if global_index.numel() == 0 else global_index.numel()
        return model.classify(x, clip, num_clips, global_index=global_index)


def fields_on_edges(
    part: nn.Module | None, x: Tensor, graph: EdgeGraph, pos: Tensor, global_index: Tensor
) -> dict[str, Any]:
    """The fields of an :class:`Explanation` on edges, as far as a model's graph stack, or None, offers them."""
    if part is None:
        return {"edge_index": graph.edge_index[:, :0], "edge_weight": []}
    fields: dict[str, Any] = {"edge_index": graph.edge_index, "edge_slot": graph.edge_slot, "edge_weight": []}
    for field, method in (("edge_weight", "layer_weights"), ("initial_weight", "initial_weights")):
        if hasattr(part, method):
            fields[field] = getattr(part, method)(x, graph, pos, global_index)
    return fields


def frame_difference(frames: Tensor, onset_frame: Tensor, clip: Tensor) -> Tensor:
    """``[num_nodes]`` mean of :math:`|f_i - f_{onset}|` over pixels and channels, of frames in 0..1."""
    onset = _in_unit_range(onset_frame)
    parts = zip(frames.split(PART), clip.split(PART), strict=True)  # bounds the memory for long clips
    return torch.cat([(_in_unit_range(some) - onset[owner]).abs().mean(dim=(1, 2, 3)) for some, owner in parts])


def flow_magnitude(flow: Tensor) -> Tensor:
    r"""``[num_nodes]`` mean of :math:`\sqrt{u^2 + v^2}` over pixels, of optical flow ``[num_nodes, 3, h, w]``."""
    return flow[:, :2].norm(dim=1).mean(dim=(1, 2))


def _rows(values: Tensor | None, first: int, end: int) -> Tensor | None:
    return None if values is None else values[first:end]


def _in_unit_range(frames: Tensor) -> Tensor:
    return frames if frames.is_floating_point() else frames / 255


def _cpu(value: Tensor | list[Tensor] | None) -> Tensor | list[Tensor] | None:
    if isinstance(value, list):
        return [tensor.cpu() for tensor in value]
    return None if value is None else value.cpu()

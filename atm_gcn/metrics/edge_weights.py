"""How much of A^(0), the weights of Eq. 6-8, is left in the edge weights of a layer."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

TINY = 1e-12  # a sum of squares below this is rounding


@dataclass(frozen=True)
class EdgeWeightMeasures:
    """The edges of a batch of B clips, and measures of weights on them, computed in float64.

    Args:
        edge_index: ``[2, E]`` int64, source and destination of each edge.
        global_index: ``[B]`` int64 global nodes, counted over the batch; ``[0]`` if there are none.
        ptr: ``[B + 1]`` int64, first node of each clip, and their number.
        edge_slot: ``[E]`` int64, as :func:`~atm_gcn.graph.build_topology` returns it; None for edges without slots.
    """

    edge_index: Tensor
    global_index: Tensor
    ptr: Tensor
    edge_slot: Tensor | None = None

    def global_share(self, weight: Tensor) -> Tensor:
        r"""``[B, heads]`` share of a clip's weight that lies on edges of the global node.

        .. math::
            \frac{\sum_{(i, j) \in \mathcal{E}_g} |A_{ij}|}{\sum_{(i, j) \in \mathcal{E}} |A_{ij}|}, \qquad
            \mathcal{E}_g = \{(v_i, v_g), (v_g, v_i) : i \ne g\}

        Self-loops count in the denominator: what a node keeps of itself does not come from the global node. NaN if all
        weights of a clip are 0.

        Args:
            weight: ``[E, heads]``.
        """
        size = weight.double().abs()
        return self._sums(size * self.is_global[:, None]) / self._sums(size)

    def correlation(self, weight: Tensor, initial: Tensor) -> Tensor:
        r"""``[B, heads]`` Pearson correlation of weights with A^(0).

        .. math::
            \frac{\sum_e (A_e - \bar{A}) (A_e^{(0)} - \bar{A}^{(0)})}
            {\sqrt{\sum_e (A_e - \bar{A})^2 \sum_e (A_e^{(0)} - \bar{A}^{(0)})^2}}

        The sums are over the edges of a clip between different nodes: A^(0) of a self-loop is lambda, whatever the
        features are. NaN if the weights are all equal, and for a clip of two nodes, whose two such edges always lie on
        a line.

        Args:
            weight: ``[E, heads]``.
            initial: ``[E]``.
        """
        everything = torch.zeros_like(self.clip)
        a, b = self._centred(weight, everything), self._centred(initial[:, None], everything)
        product, squares = self._sums(a * b), self._sums(a**2) * self._sums(b**2)
        edges = self._sums((~self.is_loop).double()[:, None])
        return torch.where((squares > TINY**2) & (edges > 2), product / squares.sqrt(), torch.nan)

    def slope(self, weight: Tensor, initial: Tensor) -> Tensor:
        r"""``[B, heads]`` least-squares slope of weights over A^(0) among edges of the same kind.

        .. math::
            \frac{\sum_e (A_e - \bar{A}_{k(e)}) (A_e^{(0)} - \bar{A}_{k(e)}^{(0)})}
            {\sum_e (A_e^{(0)} - \bar{A}_{k(e)}^{(0)})^2}

        The kind k(e) is the slot of the edge, and whether it starts at the global node. Within a kind, A^(0) differs by
        similarity (Eq. 6) and distance in time (Eq. 7) alone. The slope of A^(0) itself is 1. It is 0 if weights depend
        on the kind alone, even if they correlate with A^(0), and f_l if FC ignores its input. NaN if A^(0) does not
        differ within any kind. Without slots, edges of the same offset in nodes are of one kind.

        Args:
            weight: ``[E, heads]``.
            initial: ``[E]``.
        """
        a, b = self._centred(weight, self._kind), self._centred(initial[:, None], self._kind)
        product, square = self._sums(a * b), self._sums(b**2)
        return torch.where(square > TINY, product / square, torch.nan)

    @cached_property
    def is_loop(self) -> Tensor:
        """``[E]`` bool."""
        return self.edge_index[0] == self.edge_index[1]

    @cached_property
    def is_global(self) -> Tensor:
        """``[E]`` bool: the edges of Eq. 4 and 5, into and out of the global node, without its self-loop."""
        return torch.isin(self.edge_index, self.global_index).any(dim=0) & ~self.is_loop

    @cached_property
    def clip(self) -> Tensor:
        """``[E]`` int64, the clip of each edge."""
        return torch.bucketize(self.edge_index[1], self.ptr[1:], right=True)

    @cached_property
    def _kind(self) -> Tensor:
        source, destination = self.edge_index
        kind = destination - source if self.edge_slot is None else self.edge_slot
        return 2 * kind + torch.isin(source, self.global_index)

    def _sums(self, values: Tensor) -> Tensor:
        """``[E, heads]`` to ``[B, heads]``."""
        return values.new_zeros(len(self.ptr) - 1, values.size(1)).index_add(0, self.clip, values)

    def _centred(self, values: Tensor, kind: Tensor) -> Tensor:
        """Values less their mean over the edges of a clip and kind; 0 for self-loops, which are left out."""
        values = values.double()
        group = torch.stack([self.clip, kind, self.is_loop.long()]).unique(dim=1, return_inverse=True)[1]
        total = values.new_zeros(len(group), values.size(1)).index_add(0, group, values)
        mean = total[group] / group.bincount()[group][:, None]
        return (values - mean).masked_fill(self.is_loop[:, None], 0.0)

"""The contract between a graph and what computes over it."""

from collections.abc import Callable
from typing import Protocol, Self

from torch import Tensor

from atm_gcn.graph._backends import Propagate


class Graph(Protocol):
    """The temporal graph of a batch of clips.

    Layers and models ask it for three things and never for what kind of graph it is. How weights are laid out is its
    own matter: ``[E]`` for :class:`~atm_gcn.graph.EdgeGraph`, ``[num_nodes, 2w + 3]`` for
    :class:`~atm_gcn.graph.SlotGraph`. Weights of several heads have one more, last dimension; head k of H weighs
    channels kF/H to (k + 1)F/H.
    """

    @property
    def num_nodes(self) -> int:
        """Nodes of the batch."""
        ...

    def initial_weights(
        self,
        x: Tensor,
        pos: Tensor,
        global_index: Tensor,
        tau: float | Tensor,
        lambda_local: float | Tensor,
        lambda_global: float | Tensor,
    ) -> Tensor:
        """A^(0) by Eq. 6-8; see :func:`~atm_gcn.graph.temporal_motion_weight` for the arguments."""
        ...

    def slot_mask(self) -> Tensor:
        """``[num_nodes, 2w + 3]`` bool, which slots hold an edge."""
        ...

    def to_slots(self, weight: Tensor) -> Tensor:
        """The weights as slot rows ``[num_nodes, 2w + 3]``, 0 where there is no edge; heads stay the last dimension."""
        ...

    def from_slots(self, table: Tensor) -> Tensor:
        """Slot rows as weights in the graph's own layout."""
        ...

    def with_heads(self, heads: int) -> Self:
        """The same graph, prepared for several calls of :meth:`weighted_sum` with weights of ``heads`` heads."""
        ...

    def check_weights(self, weight: Tensor) -> None:
        """Make sure that weights are laid out as the graph's own.

        Raises:
            BatchError: If their shape is another.
        """
        ...

    def weighted_sum(
        self,
        x: Tensor,
        weight: Tensor,
        normalize: str | None,
        bias: Tensor | None,
        propagate: Propagate,
        lin: Callable[[Tensor], Tensor] | None = None,
    ) -> Tensor:
        r""":math:`\sum_i N(A)_{ij} x_i + b` at every node j.

        Args:
            x: ``[num_nodes, F]`` features of the sources.
            weight: A, in the graph's own layout, normalised per head.
            normalize: ``"sym"``, ``"in"`` or None; see :class:`~atm_gcn.TMGCNConv`.
            bias: ``[F]`` b, or None.
            propagate: Sends messages along ``edge_index``, given it, ``x`` and N(A); for graphs that send any.
            lin: Linear map of the features, without bias; applied before the sum, or after it where that is faster.

        Returns:
            ``[num_nodes, F]`` in the type of ``x``.
        """
        ...

"""Eq. 9 in the form of GCNII: initial residual and identity mapping."""

from math import log

import torch
from torch import Tensor
from torch_geometric.nn.dense.linear import Linear
from torch_geometric.typing import Adj

from atm_gcn.graph._backends.edges import WeightedMessages
from atm_gcn.graph.base import Graph
from atm_gcn.graph.clip_graph import as_graph
from atm_gcn.graph.topology import check_normalization, check_width


class GCNIIConv(WeightedMessages):
    r"""The graph convolution of `"Simple and Deep Graph Convolutional Networks" <https://arxiv.org/abs/2007.02133>`_
    (Chen et al., 2020) with separate weights for the neighbourhood and the initial feature, "GCNII*".

    .. math::
        \mathbf{s}_j = \sum_i N(\mathbf{A})_{ij} \mathbf{h}_i, \qquad
        \mathbf{h}^{\prime}_j = \theta_l \, \mathbf{W}^{\top} [\mathbf{s}_j, \mathbf{h}^{(0)}_j]
        + (1 - \theta_l) \left( (1 - \alpha) \mathbf{s}_j + \alpha \mathbf{h}^{(0)}_j \right), \qquad
        \theta_l = \log\left(\frac{\theta}{l} + 1\right)

    The same function as :class:`torch_geometric.nn.conv.GCN2Conv` with ``shared_weights=False``, which scales its two
    weights by :math:`1 - \alpha` and :math:`\alpha`; there the edge weights are normalised beforehand. There is no
    activation inside.

    Args:
        channels (int): Size F of each input and output feature.
        layer (int): l, the number of the layer, counted from 1.
        alpha (float, optional): :math:`\alpha`, the share of the initial feature. (default: :obj:`0.1`)
        theta (float, optional): :math:`\theta`; the layers' maps become closer to the identity with depth, the faster
            the smaller it is. (default: :obj:`0.5`)
        normalize (str, optional): Degree normalisation, see :class:`~atm_gcn.TMGCNConv`. (default: :obj:`"sym"`)

    Shapes:
        - **input:** node features :math:`(|\mathcal{V}|, F)`, initial node features :math:`(|\mathcal{V}|, F)`, a graph
          or edge indices :math:`(2, |\mathcal{E}|)`, edge weights in the layout of the graph or :math:`(|\mathcal{E}|)`
        - **output:** node features :math:`(|\mathcal{V}|, F)`

    Raises:
        BatchError: If features have another width, or the weights another length.
    """

    def __init__(
        self, channels: int, layer: int, alpha: float = 0.1, theta: float = 0.5, normalize: str | None = "sym"
    ) -> None:
        super().__init__(aggr="add")
        check_normalization(normalize)
        if layer < 1:
            raise ValueError(f"layer counts from 1, and {layer} is less")
        self.channels = channels
        self.alpha = alpha
        self.theta = log(theta / layer + 1)
        self.normalize = normalize
        self.lin = Linear(2 * channels, channels, bias=False, weight_initializer="glorot")

    def reset_parameters(self) -> None:
        """Draw W from Glorot's distribution."""
        super().reset_parameters()
        self.lin.reset_parameters()

    def forward(self, x: Tensor, initial: Tensor, edge_index: Adj | Graph, edge_weight: Tensor) -> Tensor:
        for name, features in (("x", x), ("initial", initial)):
            check_width(name, features, self.channels)
        graph, _ = as_graph(edge_index, edge_weight, None, x.size(0), "edges", values=False)
        mixed = graph.weighted_sum(x, edge_weight, self.normalize, None, self._send)
        identity = (1 - self.alpha) * mixed + self.alpha * initial
        return torch.lerp(identity, self.lin(torch.cat([mixed, initial], dim=-1)), self.theta)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.channels}, alpha={self.alpha}, theta={self.theta:.4g})"

"""Section III.B.4: TM-GCN layers, each preceded by an adaptive layer that adjusts the edge weights."""

import torch.nn.functional as F
from torch import Tensor, nn

from atm_gcn.defaults import FORGETTING_RATE, LAMBDA_GLOBAL, LAMBDA_LOCAL, LAYERS, TAU
from atm_gcn.graph.adaptive_tm import AdaptiveTM
from atm_gcn.graph.base import Graph
from atm_gcn.graph.gcnii_conv import GCNIIConv
from atm_gcn.graph.tm_gcn_conv import TMGCNConv
from atm_gcn.graph.weighting_parameters import WeightingParameters


class TMGCNStack(nn.Module):
    r"""N_G layers over one graph.

    .. math::
        \mathbf{h}^{(l)} = \mathrm{ReLU}(G^{(l)}(\mathbf{h}^{(l-1)}, A^{(l)})), \qquad
        A^{(l)} = FC(A^{(l-1)}) (1 - f_l) + A^{(0)} f_l

    :math:`A^{(0)}` comes from the input features by Eq. 6-8. That is the form ``layer="plain"``. The other two begin
    with a learnt projection :math:`P`, as wide as the layers:

    - ``"residual"``: :math:`\mathbf{h}^{(0)} = P(\mathbf{x})`, and with layer normalisation :math:`\mathbf{h}^{(l)} =
      \mathbf{h}^{(l-1)} + \mathrm{ReLU}(G^{(l)}(\mathrm{Norm}(\mathbf{h}^{(l-1)}), A^{(l)}))`.
    - ``"gcnii"``: :math:`\mathbf{h}^{(0)} = \mathrm{ReLU}(P(\mathbf{x}))`, and :math:`G^{(l)}` is
      :class:`~atm_gcn.graph.GCNIIConv`, which every layer gives :math:`\mathbf{h}^{(0)}` again.

    Dropout follows every ReLU.

    Args:
        in_channels (int): Size of a motion feature.
        hidden_channels (int): Size of every layer's output.
        num_layers (int): N_G.
        window (int): w.
        adaptive (bool, optional): If set to :obj:`False`, :math:`A^{(0)}` serves every layer. (default: :obj:`True`)
        forgetting_rate (float, list or str, optional): f_l: one value, one per layer, or ``"learnable"``.
            (default: :obj:`0.5`)
        dropout (float, optional): Probability of zeroing an element after a ReLU. (default: :obj:`0.0`)
        start (str, optional): Where the first layer's FC starts, see :class:`AdaptiveTM`; all others start as the
            identity. (default: :obj:`"identity"`)
        heads (int, optional): Heads of Adaptive-TM, see :class:`AdaptiveTM`; divides ``hidden_channels``.
            (default: :obj:`1`)
        layer (str, optional): The form of the layers, see above. (default: :obj:`"plain"`)
        learnable_weighting (bool, optional): If set to :obj:`True`, tau, lambda_local and lambda_global are learnt, see
            :class:`~atm_gcn.graph.weighting_parameters.WeightingParameters`. (default: :obj:`False`)
        tau (float, optional): Frames over which a weight falls by a factor e. (default: :obj:`10.0`)
        lambda_local (float, optional): Factor of edges out of local nodes. (default: :obj:`0.5`)
        lambda_global (float, optional): Factor of edges out of global nodes. (default: :obj:`1.0`)
        normalize (str, optional): Degree normalisation, see :class:`TMGCNConv`. (default: :obj:`"sym"`)

    Shapes:
        - **input:** node features :math:`(|\mathcal{V}|, F_{in})`, a graph, frame indices :math:`(|\mathcal{V}|)`,
          global nodes :math:`(B)`
        - **output:** node features :math:`(|\mathcal{V}|, F_{hidden})`
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int,
        num_layers: int,
        window: int,
        adaptive: bool = True,
        forgetting_rate: float | list[float] | str = FORGETTING_RATE,
        dropout: float = 0.0,
        start: str = "identity",
        heads: int = 1,
        layer: str = "plain",
        learnable_weighting: bool = False,
        tau: float = TAU,
        lambda_local: float = LAMBDA_LOCAL,
        lambda_global: float = LAMBDA_GLOBAL,
        normalize: str | None = "sym",
    ) -> None:
        super().__init__()
        if layer not in LAYERS:
            raise ValueError(f"layer must be one of {LAYERS}, not {layer!r}")
        if adaptive and heads > 0 and hidden_channels % heads:
            raise ValueError(f"heads ({heads}) must divide hidden_channels ({hidden_channels})")
        self.layer = layer
        self.heads = heads if adaptive else 1
        self.dropout = nn.Dropout(dropout)
        self.projection: nn.Module | None = None if layer == "plain" else nn.Linear(in_channels, hidden_channels)
        if layer == "gcnii":
            convs = [GCNIIConv(hidden_channels, number, normalize=normalize) for number in range(1, num_layers + 1)]
        else:
            first = in_channels if layer == "plain" else hidden_channels
            widths = [first] + [hidden_channels] * (num_layers - 1)
            weighting = tau, lambda_local, lambda_global
            convs = [TMGCNConv(width, hidden_channels, normalize, True, *weighting) for width in widths]
        self.convs = nn.ModuleList(convs)
        norms = num_layers if layer == "residual" else 0
        self.norms = nn.ModuleList(nn.LayerNorm(hidden_channels) for _ in range(norms))
        self.weighting = WeightingParameters(tau, lambda_local, lambda_global, learnable_weighting)
        rates = forgetting_rate if isinstance(forgetting_rate, list) else [forgetting_rate] * num_layers
        if num_layers < 1 or len(rates) != num_layers:
            raise ValueError(f"forgetting_rate has {len(rates)} values for {num_layers} layers; there must be one each")
        starts = [start] + ["identity"] * (num_layers - 1)
        layers = zip(rates, starts, strict=True)
        self.adaptives = nn.ModuleList(AdaptiveTM(window, *each, heads) for each in layers) if adaptive else None

    def forward(self, x: Tensor, graph: Graph, pos: Tensor, global_index: Tensor) -> Tensor:
        weights = self.layer_weights(x, graph, pos, global_index)
        if self.heads > 1:
            graph = graph.with_heads(self.heads)
        if self.projection is not None:
            x = self.projection(x)
        if self.layer == "gcnii":
            x = initial = self.dropout(F.relu(x))
            for conv, weight in zip(self.convs, weights, strict=True):
                x = self.dropout(F.relu(conv(x, initial, graph, weight)))
        elif self.layer == "residual":
            for conv, norm, weight in zip(self.convs, self.norms, weights, strict=True):
                x = x + self.dropout(F.relu(conv(norm(x), graph, weight)))
        else:
            for conv, weight in zip(self.convs, weights, strict=True):
                x = self.dropout(F.relu(conv(x, graph, weight)))
        return x

    def initial_weights(self, x: Tensor, graph: Graph, pos: Tensor, global_index: Tensor) -> Tensor:
        """:math:`A^{(0)}` of Eq. 6-8, in the graph's own layout."""
        return graph.initial_weights(x, pos, global_index, **self.weighting())

    def layer_weights(self, x: Tensor, graph: Graph, pos: Tensor, global_index: Tensor) -> list[Tensor]:
        """The adjacency matrix :math:`A^{(l)}` of every layer, in the graph's own layout; that of several heads has one
        more, last dimension.
        """
        initial = self.initial_weights(x, graph, pos, global_index)
        if self.adaptives is None:
            return [initial] * len(self.convs)
        table, mask, weights = graph.to_slots(initial), graph.slot_mask(), []
        first = table
        for adaptive in self.adaptives:
            table = adaptive(table, first, mask)
            weights.append(graph.from_slots(table))
        return weights

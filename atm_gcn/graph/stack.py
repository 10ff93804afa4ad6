"""Section III.B.4: TM-GCN layers, each preceded by an adaptive layer that adjusts the edge weights."""

from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from atm_gcn.defaults import FORGETTING_RATE
from atm_gcn.graph.adaptive_tm import AdaptiveTM
from atm_gcn.graph.base import Graph
from atm_gcn.graph.tm_gcn_conv import TMGCNConv


class TMGCNStack(nn.Module):
    r"""N_G layers over one graph.

    .. math::
        \mathbf{h}^{(l)} = \mathrm{ReLU}(G^{(l)}(\mathbf{h}^{(l-1)}, A^{(l)})), \qquad
        A^{(l)} = FC(A^{(l-1)}) (1 - f_l) + A^{(0)} f_l

    :math:`A^{(0)}` comes from the input features by Eq. 6-8.

    Args:
        in_channels (int): Size of a motion feature.
        hidden_channels (int): Size of every layer's output.
        num_layers (int): N_G.
        window (int): w.
        adaptive (bool, optional): If set to :obj:`False`, :math:`A^{(0)}` serves every layer. (default: :obj:`True`)
        forgetting_rate (float, list or str, optional): f_l: one value, one per layer, or ``"learnable"``.
            (default: :obj:`0.1`)
        dropout (float, optional): Probability of zeroing an element between layers. (default: :obj:`0.0`)
        start (str, optional): Where the first layer's FC starts, see :class:`AdaptiveTM`; all others start as the
            identity. (default: :obj:`"difference"`)
        **conv: Other arguments of :class:`TMGCNConv`.

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
        start: str = "difference",
        **conv: Any,
    ) -> None:
        super().__init__()
        widths = [in_channels] + [hidden_channels] * num_layers
        rates = forgetting_rate if isinstance(forgetting_rate, list) else [forgetting_rate] * num_layers
        convs = [TMGCNConv(widths[i], widths[i + 1], **conv) for i in range(num_layers)]
        self.convs = nn.ModuleList(convs)
        self.weighting = convs[0].weighting
        starts = [start] + ["identity"] * (num_layers - 1)
        layers = zip(rates, starts, strict=True)
        self.adaptives = nn.ModuleList(AdaptiveTM(window, *layer) for layer in layers) if adaptive else None
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, graph: Graph, pos: Tensor, global_index: Tensor) -> Tensor:
        for conv, weight in zip(self.convs, self.layer_weights(x, graph, pos, global_index), strict=True):
            x = self.dropout(F.relu(conv(x, graph, weight)))
        return x

    def initial_weights(self, x: Tensor, graph: Graph, pos: Tensor, global_index: Tensor) -> Tensor:
        """:math:`A^{(0)}` of Eq. 6-8, in the graph's own layout."""
        return graph.initial_weights(x, pos, global_index, **self.weighting)

    def layer_weights(self, x: Tensor, graph: Graph, pos: Tensor, global_index: Tensor) -> list[Tensor]:
        """The adjacency matrix :math:`A^{(l)}` of every layer, in the graph's own layout."""
        initial = self.initial_weights(x, graph, pos, global_index)
        if self.adaptives is None:
            return [initial] * len(self.convs)
        table, mask, weights = graph.to_slots(initial), graph.slot_mask(), []
        first = table
        for adaptive in self.adaptives:
            table = adaptive(table, first, mask)
            weights.append(graph.from_slots(table))
        return weights

"""Section III.B.4: TM-GCN layers, each after an adaptive layer that retunes the adjacency matrix."""

import torch.nn.functional as F
from torch import Tensor, nn

from atm_gcn.graph.adaptive_tm import AdaptiveTM
from atm_gcn.graph.tm_gcn_conv import TMGCNConv
from atm_gcn.graph.topology import Slots, Topology, edges_to_slots, slots_of_edges, slots_to_edges
from atm_gcn.graph.weighting import temporal_motion_slots, temporal_motion_weight


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
        forgetting_rate (float, list or str, optional): f_l: one value, one a layer, or ``"learnable"``.
            (default: :obj:`0.5`)
        dropout (float, optional): Probability of zeroing an element between layers. (default: :obj:`0.0`)
        start (str, optional): Where the first layer's FC starts, see :class:`AdaptiveTM`; all others start as the
            identity. (default: :obj:`"difference"`)
        **conv: Further arguments of :class:`TMGCNConv`.

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
        forgetting_rate: float | list[float] | str = 0.5,
        dropout: float = 0.0,
        start: str = "difference",
        **conv: object,
    ) -> None:
        super().__init__()
        widths = [in_channels] + [hidden_channels] * num_layers
        rates = forgetting_rate if isinstance(forgetting_rate, list) else [forgetting_rate] * num_layers
        self.window = window
        self.convs = nn.ModuleList(TMGCNConv(widths[i], widths[i + 1], **conv) for i in range(num_layers))
        starts = [start] + ["identity"] * (num_layers - 1)
        self.adaptives = nn.ModuleList(map(AdaptiveTM, [window] * num_layers, rates, starts)) if adaptive else None
        self.dropout = nn.Dropout(dropout)

    @property
    def weighting(self) -> dict[str, float]:
        """tau and the two lambda of Eq. 7-8."""
        return self.convs[0].weighting

    def forward(self, x: Tensor, graph: Slots | Topology, pos: Tensor, global_index: Tensor) -> Tensor:
        """Run all layers over slots, or over the edge list of a :class:`Topology`."""
        weights = self.layer_weights(x, graph, pos, global_index)
        edges = graph if isinstance(graph, Slots) else graph.edge_index
        for conv, weight in zip(self.convs, weights, strict=True):
            x = self.dropout(F.relu(conv(x, edges, weight)))
        return x

    def layer_weights(self, x: Tensor, graph: Slots | Topology, pos: Tensor, global_index: Tensor) -> list[Tensor]:
        """The adjacency matrix :math:`A^{(l)}` of every layer: ``[num_nodes, 2w + 3]`` for slots, else ``[E]``."""
        if isinstance(graph, Slots):
            return self._adapt(temporal_motion_slots(x, graph, pos, global_index, **self.weighting), graph.mask)
        initial = temporal_motion_weight(x, graph.edge_index, pos, global_index, **self.weighting)
        if self.adaptives is None:
            return [initial] * len(self.convs)
        edges = (graph.edge_index, graph.edge_slot)
        slots = slots_of_edges(*edges, x.size(0), self.window)
        tables = self._adapt(edges_to_slots(initial, *edges, slots), slots.mask)
        return [slots_to_edges(table, *edges, self.window) for table in tables]

    def _adapt(self, initial: Tensor, mask: Tensor) -> list[Tensor]:
        if self.adaptives is None:
            return [initial] * len(self.convs)
        tables = [initial]
        for adaptive in self.adaptives:
            tables.append(adaptive(tables[-1], initial, mask))
        return tables[1:]

"""Eq. 9: the temporal motion graph convolution."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter
from torch_geometric.nn.dense.linear import Linear
from torch_geometric.nn.inits import zeros
from torch_geometric.typing import Adj

from atm_gcn.defaults import BACKENDS, LAMBDA_GLOBAL, LAMBDA_LOCAL, TAU, Backend
from atm_gcn.graph._backends.edges import WeightedMessages
from atm_gcn.graph.base import Graph
from atm_gcn.graph.clip_graph import as_graph
from atm_gcn.graph.topology import check_normalization, check_rows, check_width
from atm_gcn.graph.weighting import check_lambdas


class TMGCNConv(WeightedMessages):
    r"""The temporal motion graph convolution of `"Adaptive Temporal Motion Guided Graph Convolution Network for
    Micro-expression Recognition" <https://arxiv.org/abs/2406.08997>`_.

    .. math::
        \mathbf{h}^{\prime}_j = \mathbf{W}^{\top} \sum_i N(\mathbf{A})_{ij} \mathbf{h}_i + \mathbf{b}

    where :math:`A_{ij}` weights the edge from :math:`i` to :math:`j`. Without given weights it is the angular
    similarity of the two features, which decays with their distance in time and is larger for edges out of a global
    node; see :func:`~atm_gcn.graph.temporal_motion_weight`. There is no activation inside.

    Args:
        in_channels (int): Size of each input feature, or -1 to take it from the first input.
        out_channels (int): Size of each output feature.
        normalize (str, optional): Degree normalisation :math:`N`: ``"sym"`` divides by
            :math:`\sqrt{d^{out}_i d^{in}_j}`, ``"in"`` by :math:`d^{in}_j`, None not at all. (default: :obj:`"sym"`)
        bias (bool, optional): Whether to add :math:`\mathbf{b}`. (default: :obj:`True`)
        tau (float, optional): Frames over which a weight falls by a factor e. (default: :obj:`10.0`)
        lambda_local (float, optional): Factor of edges out of local nodes. (default: :obj:`0.5`)
        lambda_global (float, optional): Factor of edges out of global nodes, larger than ``lambda_local``.
            (default: :obj:`1.0`)
        backend (str, optional): ``"edges"`` sends messages along any ``edge_index``; ``"scatter"`` is ``"edges"`` in a
            fixed order, by torch-scatter. Three ways need the slots of :func:`~atm_gcn.graph.build_topology` and make
            no message: ``"banded"`` adds shifted features, ``"csr"`` multiplies sparse matrices on a CPU, ``"blocks"``
            multiplies a dense matrix per clip. ``"auto"`` takes ``"edges"`` where there are no slots; on a CPU
            ``"blocks"`` for clips of at most 48 frames, else ``"csr"`` (in compiled code only from a window of 8 up);
            else ``"banded"``. These three add in a fixed order on every device; ``"edges"`` does on a CPU, and
            elsewhere under :func:`torch.use_deterministic_algorithms`. (default: :obj:`"auto"`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** node features :math:`(|\mathcal{V}|, F_{in})`, edge indices :math:`(2, |\mathcal{E}|)`,
          edge weights :math:`(|\mathcal{E}|)` or :math:`(|\mathcal{E}|, H)` *(optional)*,
          frame indices :math:`(|\mathcal{V}|)`, global nodes :math:`(B)`,
          edge slots :math:`(|\mathcal{E}|)` *(optional)*
        - **output:** node features :math:`(|\mathcal{V}|, F_{out})`
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        normalize: str | None = "sym",
        bias: bool = True,
        tau: float = TAU,
        lambda_local: float = LAMBDA_LOCAL,
        lambda_global: float = LAMBDA_GLOBAL,
        backend: Backend = "auto",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("aggr", "add")
        super().__init__(**kwargs)
        check_normalization(normalize)
        if backend not in BACKENDS:
            raise ValueError(f"backend must be one of {BACKENDS}, not {backend!r}")
        if self.flow != "source_to_target" or kwargs["aggr"] not in ("add", "sum"):
            if backend not in ("auto", "edges"):
                raise ValueError(f'backend "{backend}" only sums from source to target; use backend="edges"')
            backend = "edges"
        check_lambdas(lambda_local, lambda_global)
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.normalize = normalize
        self.weighting = {"tau": tau, "lambda_local": lambda_local, "lambda_global": lambda_global}
        self.backend = backend

        self.lin = Linear(in_channels, out_channels, bias=False, weight_initializer="glorot")
        if bias:
            self.bias = Parameter(torch.empty(out_channels))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw W from Glorot's distribution and set b to zero."""
        super().reset_parameters()
        self.lin.reset_parameters()
        zeros(self.bias)

    def forward(
        self,
        x: Tensor,
        edge_index: Adj | Graph,
        edge_weight: Tensor | None = None,
        pos: Tensor | None = None,
        global_index: Tensor | None = None,
        edge_slot: Tensor | None = None,
    ) -> Tensor:
        r"""Mix the features of neighbouring frames.

        Args:
            x: ``[num_nodes, in_channels]``.
            edge_index: ``[2, E]``; a sparse transposed adjacency matrix, whose values are the weights unless ``pos`` is
                given; or an :class:`~atm_gcn.graph.EdgeGraph` or :class:`~atm_gcn.graph.SlotGraph`, whose own backend
                is used then.
            edge_weight: ``[E]``, or ``[num_nodes, 2w + 3]`` for a :class:`~atm_gcn.graph.SlotGraph`; by default
                computed from ``x`` by Eq. 6-8. With one more, last dimension of H heads, head k weighs channels
                kF/H to (k + 1)F/H of the F = ``out_channels`` that :math:`\mathbf{W}` gives, and is normalised alone.
            pos: ``[num_nodes]`` time of each frame, in frames at the clip's rate; needed without ``edge_weight``.
            global_index: ``[B]`` global nodes, counted over the batch; needed without ``edge_weight``.
            edge_slot: ``[E]`` slots of the edges, as ``build_topology`` returns them.

        Raises:
            BatchError: If ``x`` has another width, ``pos``, ``edge_weight`` or ``edge_slot`` another length, or, on a
                CPU, a global node is none of the nodes.
            ValueError: If there is neither a weight nor what Eq. 6-8 need, if the backend is "banded", "csr" or
                "blocks" and there are no slots, or if it is "csr" and this device has no sparse products.
        """
        if pos is not None:
            check_rows("pos", pos, x.size(0), "nodes")
        check_width("x", x, self.lin.in_channels)
        graph, weight = as_graph(edge_index, edge_weight, edge_slot, x.size(0), self.backend, values=pos is None)
        if weight is None:
            if pos is None or global_index is None:
                raise ValueError("TMGCNConv needs edge_weight, or pos and global_index to compute it by Eq. 6-8")
            weight = graph.initial_weights(x, pos, global_index, **self.weighting)
        return graph.weighted_sum(x, weight, self.normalize, self.bias, self._send, self.lin)

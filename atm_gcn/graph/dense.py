"""The dense twin: a padded ``[B, n, n]`` adjacency matrix instead of edges, the reference of tests and benchmarks."""

import torch
from torch import Tensor
from torch.nn import Parameter
from torch_geometric.nn.dense.linear import Linear
from torch_geometric.nn.inits import zeros

from atm_gcn.defaults import LAMBDA_GLOBAL, LAMBDA_LOCAL, TAU
from atm_gcn.graph._backends.degree import inverse, inverse_root
from atm_gcn.graph.topology import check_clips, check_heads
from atm_gcn.graph.weighting import angular_similarity, unit_vectors


class DenseTMGCNConv(torch.nn.Module):
    r"""See :class:`atm_gcn.TMGCNConv`, with which it shares names and shapes of parameters.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        normalize (str, optional): ``"sym"``, ``"in"`` or None. (default: :obj:`"sym"`)
        bias (bool, optional): Whether to add a bias. (default: :obj:`True`)

    Shapes:
        - **input:** node features :math:`(B, n, F_{in})`, adjacency matrix :math:`(B, n, n)` or, of H heads,
          :math:`(B, n, n, H)`, mask :math:`(B, n)` *(optional)*
        - **output:** node features :math:`(B, n, F_{out})`, exactly zero outside the mask
    """

    def __init__(self, in_channels: int, out_channels: int, normalize: str | None = "sym", bias: bool = True) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.normalize = normalize
        self.lin = Linear(in_channels, out_channels, bias=False, weight_initializer="glorot")
        if bias:
            self.bias = Parameter(torch.empty(out_channels))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw W from Glorot's distribution and set b to zero."""
        self.lin.reset_parameters()
        zeros(self.bias)

    def forward(self, x: Tensor, adj: Tensor, mask: Tensor | None = None) -> Tensor:
        """Mix the features of neighbouring frames.

        Args:
            x: ``[B, n, in_channels]``.
            adj: ``[B, n, n]``; ``adj[b, i, j]`` weights the edge from node i to node j of clip b. With heads,
                ``[B, n, n, H]``, each for its own group of output channels.
            mask: ``[B, n]`` bool, the nodes that are no padding.
        """
        heads = adj if adj.dim() == 4 else adj[..., None]
        check_heads(heads.size(-1), self.out_channels)
        # [B, heads, destination, source]
        alpha = normalize_dense(heads, self.normalize).to(x.dtype).permute(0, 3, 2, 1)
        by_head = self.lin(x).unflatten(-1, (heads.size(-1), -1)).transpose(1, 2)
        out = (alpha @ by_head).transpose(1, 2).flatten(2)
        if self.bias is not None:
            out = out + self.bias
        return out if mask is None else out * mask[..., None].to(out.dtype)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.in_channels}, {self.out_channels})"


def normalize_dense(adj: Tensor, normalize: str | None) -> Tensor:
    """N(A) of Eq. 9 for ``[B, n, n]`` or ``[B, n, n, H]``."""
    if normalize is None:
        return adj
    in_degree, out_degree = adj.abs().sum(1, keepdim=True), adj.abs().sum(2, keepdim=True)
    if normalize == "in":
        return adj * inverse(in_degree)
    return adj * inverse_root(out_degree) * inverse_root(in_degree)


def dense_temporal_motion_weight(
    x: Tensor,
    pos: Tensor,
    global_node: Tensor,
    mask: Tensor,
    window: int,
    tau: float = TAU,
    lambda_local: float = LAMBDA_LOCAL,
    lambda_global: float = LAMBDA_GLOBAL,
) -> Tensor:
    """Eq. 3-8 for padded clips.

    Args:
        x: ``[B, n, F]``.
        pos: ``[B, n]`` time of each frame, in frames at the clip's rate.
        global_node: ``[B]`` global node within its clip.
        mask: ``[B, n]`` bool.
        window: w.
        tau: Frames over which a weight falls by a factor e.
        lambda_local: Factor of edges out of local nodes.
        lambda_global: Factor of edges out of the global node.

    Returns:
        ``[B, n, n]``, 0 where there is no edge.

    Raises:
        BatchError: If a clip has no node, or its global node is none of them.
    """
    if not torch.compiler.is_compiling():
        check_clips(*torch.stack([mask.sum(1), global_node]).tolist())
    node = torch.arange(x.size(1), device=x.device)
    is_global = node == global_node[:, None]  # [B, n]
    near = (node[:, None] - node).abs() <= window
    edge = (near | is_global[:, :, None] | is_global[:, None, :]) & mask[:, :, None] & mask[:, None, :]
    unit = unit_vectors(x)
    similarity = angular_similarity(unit[:, :, None], unit[:, None])
    similarity = similarity.masked_fill(torch.eye(x.size(1), dtype=torch.bool, device=x.device), 1.0)
    gap = (pos[:, :, None] - pos[:, None]).abs().to(similarity.dtype)
    factor = torch.where(is_global, lambda_global, lambda_local)[:, :, None]
    return (similarity * torch.exp(-gap / tau) * factor).masked_fill(~edge, 0.0)

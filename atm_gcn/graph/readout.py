"""Eq. 11: from the nodes of each clip to its class."""

import warnings

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.nn.aggr import Aggregation, AttentionalAggregation, MaxAggregation, MeanAggregation
from torch_geometric.utils import softmax

from atm_gcn.defaults import ATTENTION_WINDOW, EXACT_NODES, HEADS, POOLINGS
from atm_gcn.errors import BatchError
from atm_gcn.graph.topology import check_clips, check_rows, check_width

AT_ONCE = 64  # stretches of a long clip whose attention is computed together


class AttentionReadout(nn.Module):
    r"""Self-attention among the nodes of each clip, pooling and a Linear.

    .. math::
        \hat{\mathbf{y}} = FC(\mathrm{Pooling}(\mathbf{h} + \mathrm{Attention}(\mathrm{Norm}(\mathbf{h}))))

    Args:
        channels (int): Size F of a node's feature.
        num_classes (int): Classes C.
        heads (int, optional): Attention heads; divides ``channels``. (default: :obj:`4`)
        pooling (str, optional): ``"mean"`` or ``"max"`` over the nodes of a clip; ``"attention"``, their mean weighted
            by a learnt softmax, :class:`~torch_geometric.nn.aggr.AttentionalAggregation`; ``"apex"``, the feature of
            the clip's global node; or ``"mean-apex"``, mean and global node beside each other, :math:`2F`. The mean
            stands for a global node where there is none. (default: :obj:`"mean"`)
        dropout (float, optional): Probability of zeroing a pooled element while training. (default: :obj:`0.0`)
        exact_nodes (int, optional): In a clip of more nodes, whose cost would grow with the square, a node attends only
            to the nodes at most ``attention_window`` away and to the global node, and the global node to all nodes: the
            edges of Eq. 3 and 5 with a wider window. The first such clip is named in a warning.
            (default: :obj:`4096`)
        attention_window (int, optional): Nodes on each side. (default: :obj:`64`)

    Shapes:
        - **input:** node features :math:`(|\mathcal{V}|, F)`, clip of each node :math:`(|\mathcal{V}|)`, ascending,
          B, the nodes of each clip as a list *(optional, computed and checked if absent)*, and the global node of
          each clip :math:`(B)` *(optional; read for* ``"apex"``\ *,* ``"mean-apex"`` *and clips of more than*
          ``exact_nodes`` *nodes)*
        - **output:** logits :math:`(B, C)`
    """

    reads_global_index = True

    def __init__(
        self,
        channels: int,
        num_classes: int,
        heads: int = HEADS,
        pooling: str = "mean",
        dropout: float = 0.0,
        exact_nodes: int = EXACT_NODES,
        attention_window: int = ATTENTION_WINDOW,
    ) -> None:
        super().__init__()
        if heads < 1:
            raise ValueError(f"heads must be positive, not {heads}")
        if channels % heads:
            raise ValueError(f"heads ({heads}) must divide channels ({channels})")
        if exact_nodes < 1 or attention_window < 1:
            raise ValueError(
                f"exact_nodes and attention_window must be positive, not {exact_nodes}, {attention_window}"
            )
        self.heads = heads
        self.exact_nodes = exact_nodes
        self.attention_window = attention_window
        self.norm = nn.LayerNorm(channels)
        self.qkv = nn.Linear(channels, 3 * channels)
        self.out = nn.Linear(channels, channels)
        self.pooling = pooling
        self.needs_global_index = pooling in ("apex", "mean-apex")
        self.pool = _aggregation(pooling, channels)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(channels * (2 if pooling == "mean-apex" else 1), num_classes)

    def forward(
        self,
        x: Tensor,
        batch: Tensor,
        batch_size: int,
        num_nodes: list[int] | None = None,
        global_index: Tensor | None = None,
    ) -> Tensor:
        x = x + self.attend(x, batch, batch_size, num_nodes, global_index)
        return self.classifier(self.dropout(self._pooled(x, batch, batch_size, global_index)))

    def _pooled(self, x: Tensor, batch: Tensor, batch_size: int, global_index: Tensor | None) -> Tensor:
        if not self.needs_global_index or global_index is None or not len(global_index):
            pooled = self.pool(x, batch, dim_size=batch_size)
            return torch.cat([pooled, pooled], dim=1) if self.pooling == "mean-apex" else pooled
        check_rows("global_index", global_index, batch_size, "clips")
        apex = x[global_index]
        if self.pooling == "apex":
            return apex
        return torch.cat([self.pool(x, batch, dim_size=batch_size), apex], dim=1)

    def attend(
        self,
        x: Tensor,
        batch: Tensor,
        batch_size: int,
        num_nodes: list[int] | None = None,
        global_index: Tensor | None = None,
    ) -> Tensor:
        """``[num_nodes, F]`` attention of every node over the nodes of its own clip.

        Clips of different lengths go through torch's fused attention one by one, without padding, so that memory is
        linear in the number of nodes.
        """
        check_width("x", x, self.out.in_features)
        qkv = self.qkv(self.norm(x))
        if global_index is not None and not global_index.numel():
            global_index = None
        if torch.compiler.is_compiling() and num_nodes is None:  # whose graph cannot depend on the sizes of the clips
            return self.out(self._mix(qkv[None], self._mask(batch, batch_size, global_index))[0])
        sizes = nodes_of_clips(batch, batch_size) if num_nodes is None else num_nodes
        if len(set(sizes)) == 1 and sizes[0] <= self.exact_nodes:
            return self.out(self._mix(qkv.unflatten(0, (batch_size, -1))).flatten(0, 1))
        mixed, first = [], 0
        for clip, qkv_of_clip in enumerate(qkv.split(sizes)):
            if sizes[clip] <= self.exact_nodes:
                mixed.append(self._mix(qkv_of_clip[None])[0])
            else:
                anchor = None if global_index is None else global_index[clip : clip + 1] - first
                mixed.append(self._mix_long(qkv_of_clip, anchor))
            first += sizes[clip]
        return self.out(torch.cat(mixed))

    def _mix(self, qkv: Tensor, mask: Tensor | None = None) -> Tensor:
        """``[B, n, 3F]`` to ``[B, n, F]``; ``mask`` ``[n, n]`` says who attends to whom."""
        query, key, value = self._heads(qkv)
        return F.scaled_dot_product_attention(query, key, value, mask).transpose(1, 2).flatten(-2)

    def _mix_long(self, qkv: Tensor, anchor: Tensor | None) -> Tensor:
        """``[n, 3F]`` to ``[n, F]``: attention within the window of one clip, and from and to its global node.

        Stretches of w nodes attend to themselves and the stretches on both sides, so that memory is linear in n.

        Args:
            qkv: Queries, keys and values.
            anchor: ``[1]`` the global node, or None.
        """
        warnings.warn(
            f"in clips of more than {self.exact_nodes} nodes (exact_nodes) the readout's attention goes "
            f"{self.attention_window} nodes to each side, and from and to the global node",
            stacklevel=2,
        )
        width, nodes = self.attention_window, torch.arange(len(qkv), device=qkv.device)
        query, key, value = self._heads(qkv[None])[:, 0]  # [heads, n, d]
        parts = []
        for begin in range(0, len(qkv), width * AT_ONCE):
            own = nodes[begin : begin + width * AT_ONCE]
            short = -len(own) % width
            # [stretches, w] the nodes that ask, and [stretches, 3w] those that answer; beyond the clip, its last node.
            asks = torch.arange(begin, begin + len(own) + short, device=qkv.device).view(-1, width)
            answers = asks[:, :1] + torch.arange(-width, 2 * width, device=qkv.device)
            near = (asks[:, :, None] - answers[:, None]).abs() <= width
            allowed = near & ((answers >= 0) & (answers < len(qkv)))[:, None]
            if anchor is not None:
                answers = torch.cat([answers, anchor.expand(len(answers), 1)], dim=1)
                far = (asks - anchor).abs() > width
                allowed = torch.cat([allowed, far[..., None]], dim=2)
            asks, answers = asks.clamp(max=len(qkv) - 1), answers.clamp(0, len(qkv) - 1)
            q, k, v = (part.transpose(0, 1) for part in (query[:, asks], key[:, answers], value[:, answers]))
            mixed = F.scaled_dot_product_attention(q, k, v, allowed[:, None])
            parts.append(mixed.transpose(1, 2).flatten(0, 1)[: len(own)].flatten(1))
        out = torch.cat(parts)
        if anchor is None:
            return out
        of_anchor = F.scaled_dot_product_attention(query[:, anchor], key, value)
        return out.index_copy(0, anchor, of_anchor.transpose(0, 1).flatten(1))

    def _mask(self, batch: Tensor, batch_size: int, global_index: Tensor | None) -> Tensor:
        """``[n, n]`` bool; who attends to whom in a batch of n nodes, of clips as :meth:`attend` takes them."""
        same_clip = batch[:, None] == batch
        node = torch.arange(batch.size(0), device=batch.device)
        allowed = (node[:, None] - node).abs() <= self.attention_window
        if global_index is not None:
            is_global = torch.zeros_like(batch, dtype=torch.bool).index_fill(0, global_index, True)
            allowed = allowed | is_global | is_global[:, None]
        length = batch.new_zeros(batch_size).index_add(0, batch, torch.ones_like(batch))
        return same_clip & (allowed | (length <= self.exact_nodes)[batch])

    def attention_weights(self, x: Tensor, num_nodes: list[int], global_index: Tensor | None = None) -> list[Tensor]:
        """The attention of :meth:`attend`, for each clip ``[heads, n, n]``: row i sums to 1.

        Args:
            x: ``[sum of num_nodes, F]``, clip after clip.
            num_nodes: Nodes n of each clip.
            global_index: ``[B]`` global nodes, for clips of more than ``exact_nodes`` nodes.
        """
        weights, first = [], 0
        for clip, qkv in enumerate(self.qkv(self.norm(x)).split(num_nodes)):
            query, key, _ = self._heads(qkv[None])
            scores = query @ key.transpose(-2, -1) / key.size(-1) ** 0.5
            if num_nodes[clip] > self.exact_nodes:
                own = torch.zeros(num_nodes[clip], dtype=torch.int64, device=x.device)
                anchor = None
                if global_index is not None and global_index.numel():
                    anchor = global_index[clip : clip + 1] - first
                scores = scores.masked_fill(~self._mask(own, 1, anchor), -torch.inf)
            weights.append(scores.softmax(dim=-1)[0])
            first += num_nodes[clip]
        return weights

    def pooling_weights(
        self, x: Tensor, batch: Tensor, batch_size: int, num_nodes: list[int] | None, global_index: Tensor | None
    ) -> Tensor | None:
        """``[num_nodes, P]`` the weight of each node in each of the P vectors of F channels that the pooling passes on.

        P is 2 for ``"mean-apex"`` and 1 otherwise; the weights of a clip sum to 1. None for ``"max"``, which has none.
        Arguments as for :meth:`forward`.
        """
        if self.pooling == "max":
            return None
        if self.pooling == "attention":
            gate = self.pool.gate_nn(x + self.attend(x, batch, batch_size, num_nodes, global_index))
            return softmax(gate, batch, num_nodes=batch_size)
        mean = (1 / torch.bincount(batch, minlength=batch_size).to(x.dtype))[batch][:, None]
        if not self.needs_global_index or global_index is None or global_index.numel() == 0:
            return mean if self.pooling != "mean-apex" else mean.repeat(1, 2)
        apex = torch.zeros_like(mean).index_fill(0, global_index, 1.0)
        return apex if self.pooling == "apex" else torch.cat([mean, apex], dim=1)

    def _heads(self, qkv: Tensor) -> Tensor:
        """``[3, B, heads, n, F / heads]`` queries, keys and values out of ``[B, n, 3F]``."""
        return qkv.unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)


def _aggregation(pooling: str, channels: int) -> Aggregation:
    if pooling not in POOLINGS:
        raise ValueError(f"pooling must be one of {POOLINGS}, not {pooling!r}")
    if pooling == "attention":
        return AttentionalAggregation(nn.Linear(channels, 1))
    return MaxAggregation() if pooling == "max" else MeanAggregation()


def nodes_of_clips(batch: Tensor, batch_size: int) -> list[int]:
    """Nodes of each clip, from the clip of each node.

    Raises:
        BatchError: If there is no clip, a clip has no node, or nodes do not lie clip after clip.
    """
    counts = torch.bincount(batch, minlength=batch_size)
    *sizes, torn = torch.cat([counts, (batch.diff() < 0).any()[None]]).tolist()
    if torn or len(sizes) > batch_size:
        raise BatchError(f"batch must name the clips 0 to {batch_size - 1} in ascending order, one number per node")
    check_clips(sizes)
    return sizes

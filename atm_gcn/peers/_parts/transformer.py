"""A transformer block with layer norm before its parts."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class TransformerBlock(nn.Module):
    r"""The block of the vision transformer of `"An Image is Worth 16x16 Words" <https://arxiv.org/abs/2010.11929>`_.

    .. math::
        Y &= X + \mathrm{Attention}(\mathrm{LN}(X)) \\
        Z &= Y + W_2\, \mathrm{GELU}(W_1\, \mathrm{LN}(Y))

    Args:
        channels (int): C.
        heads (int): Attention heads, of :math:`\lfloor C / heads \rfloor` channels each, so that C need not be a
            multiple.
        mlp_ratio (int, optional): Width of the hidden layer, in C. (default: :obj:`4`)
        bias (bool, optional): Whether queries, keys and values have a bias. (default: :obj:`True`)
        eps (float, optional): Of the layer norms. (default: :obj:`1e-5`)
        drop_path (float, optional): Stochastic depth: how often each of the two sums is left out of a sequence while
            training. (default: :obj:`0.0`)

    Shapes:
        - **input:** :math:`(N, L, C)`
        - **output:** :math:`(N, L, C)`
    """

    def __init__(
        self,
        channels: int,
        heads: int,
        mlp_ratio: int = 4,
        bias: bool = True,
        eps: float = 1e-5,
        drop_path: float = 0.0,
    ) -> None:
        super().__init__()
        self.heads, self.drop_path = heads, drop_path
        inner = channels // heads * heads
        self.norm1 = nn.LayerNorm(channels, eps)
        self.qkv = nn.Linear(channels, 3 * inner, bias)
        self.out = nn.Linear(inner, channels)
        self.norm2 = nn.LayerNorm(channels, eps)
        self.mlp = nn.Sequential(
            nn.Linear(channels, mlp_ratio * channels), nn.GELU(), nn.Linear(mlp_ratio * channels, channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x + self._kept(self._attend(self.norm1(x)))
        return x + self._kept(self.mlp(self.norm2(x)))

    def _attend(self, x: Tensor) -> Tensor:
        query, key, value = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return self.out(F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(-2))

    def _kept(self, x: Tensor) -> Tensor:
        if not self.training or not self.drop_path:
            return x
        kept = torch.rand(len(x), 1, 1, device=x.device) >= self.drop_path
        return x * kept / (1 - self.drop_path)

"""The continuous attention block of MMNet (`arXiv:2201.05297 <https://arxiv.org/abs/2201.05297>`_)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ConvNorm(nn.Sequential):
    """A convolution without bias that keeps the size at stride 1, and batch norm."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1) -> None:
        conv = nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding=kernel_size // 2, bias=False)
        super().__init__(conv, nn.BatchNorm2d(out_channels))

    @property
    def conv(self) -> nn.Conv2d:
        return cast(nn.Conv2d, self[0])

    @property
    def norm(self) -> nn.BatchNorm2d:
        return cast(nn.BatchNorm2d, self[1])


class ContinuousAttentionBlock(nn.Module):
    r"""A residual block whose attention map continues that of the block before.

    .. math::
        F &= \mathrm{ReLU}(Z(X) + S(X)) \\
        A &= \sigma(\mathrm{BN}(\mathrm{conv}_{1 \times 1}[\mathrm{mean}_c F, \max_c F])) \odot
        \mathrm{maxpool}(A_{previous}) \\
        Y &= F \odot A

    Args:
        in_channels (int): Channels of X.
        out_channels (int): Channels of Y.
        stride (int): Of the 3 x 3 convolution.
        first (bool): The first block has no previous map, and its shortcut S is X itself.

    Shapes:
        - **input:** X :math:`(F, C_{in}, H, W)`, the previous map :math:`(F, 1, H', W')` or None
        - **output:** Y :math:`(F, C_{out}, H/s, W/s)` and A :math:`(F, 1, H/s, W/s)` in [0, 1]
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int, first: bool = False) -> None:
        super().__init__()
        if first and (in_channels != out_channels or stride != 1):
            raise ValueError("the first block keeps its channels and its size: its shortcut is the input itself")
        self.first = first
        self.stride = stride
        self.transform = nn.Sequential(
            ConvNorm(in_channels, out_channels, 3, stride), nn.ReLU(), ConvNorm(out_channels, out_channels, 1)
        )
        self.shortcut = nn.Identity() if first else ConvNorm(in_channels, out_channels, 1)
        self.attention = ConvNorm(2, 1, 1)
        # Both inputs grow with the features. With weights of random sign, a quarter of the maps would start small where
        # the features are large, and training does not reverse that.
        nn.init.uniform_(self.attention.conv.weight, 0.0, 2**-0.5)

    def forward(self, x: Tensor, previous: Tensor | None = None) -> tuple[Tensor, Tensor]:
        # Slicing instead of a strided 1 x 1 convolution, which for channels-last images corrupts memory in oneDNN's
        # backward pass (torch 2.13, 12 -> 24 channels, 4 threads).
        features = F.relu(self.transform(x) + self.shortcut(x[..., :: self.stride, :: self.stride]))
        # Not amax: compiled in bfloat16, its backward compares the rounded maximum with unrounded values, finds none
        # equal and divides by zero.
        largest = features.max(1, keepdim=True).values
        described = torch.cat([features.mean(1, keepdim=True), largest], dim=1)
        attention = torch.sigmoid(self.attention(described))
        if previous is not None:
            attention = attention * F.max_pool2d(previous, 3, stride=2, padding=1)
        return features * attention, attention


@contextmanager
def watched_attention(module: nn.Module) -> Iterator[list[list[Tensor]]]:
    """Record the attention maps A of all blocks of a module inside the context.

    Yields:
        For every block, in order, the maps ``[F, 1, H, W]`` of each call.
    """
    blocks = [part for part in module.modules() if isinstance(part, ContinuousAttentionBlock)]
    maps: list[list[Tensor]] = [[] for _ in blocks]
    handles = [
        block.register_forward_hook(lambda _, inputs, output, kept=kept: kept.append(output[1]))
        for block, kept in zip(blocks, maps, strict=True)
    ]
    try:
        yield maps
    finally:
        for handle in handles:
            handle.remove()

"""Stem and first block with little kept for the backward pass: three quarters of the encoder's work and memory."""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from atm_gcn.encoders.ca_block import ContinuousAttentionBlock, ConvNorm
from atm_gcn.encoders.tiled.block import Norms, TiledBlock
from atm_gcn.encoders.tiled.stem import TiledStem

TILE_BYTES = {"cpu": 16 << 20, "cuda": 1 << 30}  # of the widest map: what a CPU's cache holds, what a GPU is busy with


def tiled_front(
    stem_in: nn.Conv2d, stem: nn.Sequential, block: ContinuousAttentionBlock, images: Tensor, position: Tensor
) -> tuple[Tensor, Tensor]:
    """What ``block(stem(stem_in(images) + position))`` returns in training mode.

    Args:
        stem_in: The first convolution.
        stem: Batch norm, ReLU, a convolution with batch norm, ReLU.
        block: The first one.
        images: ``[F, C, H, W]`` in the type to compute in, channels last; they get no gradient.
        position: ``[F, C']`` T(i), one value for each of the stem's first channels.
    """
    norm, second = cast(nn.BatchNorm2d, stem[0]), cast(ConvNorm, stem[2])
    middle, leave = cast(ConvNorm, block.transform[0]), cast(ConvNorm, block.transform[2])
    area = images.size(-2) * images.size(-1) // 4
    widest = max(1, area * stem_in.out_channels * images.element_size())  # bytes of one frame's map
    size = max(1, TILE_BYTES.get(images.device.type, 1 << 30) // widest)
    x = TiledStem.apply(
        images, position.to(images.dtype), norm, size, stem_in.weight, norm.weight, norm.bias, second.conv.weight
    )
    norms = Norms(second.norm, middle.norm, leave.norm, block.attention.norm)
    parameters: list[Tensor] = [second.norm.weight, second.norm.bias]
    for part in (middle, leave, block.attention):
        parameters += [part.conv.weight, part.norm.weight, part.norm.bias]
    return TiledBlock.apply(x, norms, size, *parameters)


def tiles_apply(encoder: nn.Module, stem_in: nn.Conv2d, images: Tensor) -> bool:
    """Whether tiling gives what the layers give: the images need no gradient, weights are float32 or float64, and batch
    norm is the plain one.
    """
    norms = [part for part in encoder.modules() if isinstance(part, _NormBase)]
    exact = stem_in.weight.dtype in (torch.float32, torch.float64)
    return exact and not images.requires_grad and all(type(norm) is nn.BatchNorm2d for norm in norms)

"""Optical flow drawn as pictures of 0 to 255, as networks that were published read it."""

import math

import torch
from torch import Tensor

LARGEST = 255.0


def drawn_flow(flow: Tensor) -> Tensor:
    """Every channel of every clip stretched from its smallest value to its largest, 0 to 255.

    Zero motion does not map to a fixed value. A channel that is constant becomes 0.

    Args:
        flow: ``[B, C, h, w]``.
    """
    low, high = flow.amin(dim=(2, 3), keepdim=True), flow.amax(dim=(2, 3), keepdim=True)
    spread = high - low
    return (flow - low) * (LARGEST / spread.where(spread > 0, 1))


def coloured_flow(flow: Tensor) -> Tensor:
    """Flow drawn in the colours of HSV: the hue is the direction, the value the length, stretched to 0 to 255.

    Args:
        flow: u and v, ``[B, 2, h, w]``; more channels are left out.

    Returns:
        RGB ``[B, 3, h, w]``, black where nothing moves.
    """
    u, v = flow[:, 0], flow[:, 1]
    value = drawn_flow(torch.linalg.vector_norm(flow[:, :2], dim=1, keepdim=True))
    sector = torch.atan2(v, u)[:, None] * (3 / math.pi) % 6
    offset = torch.tensor([5.0, 3.0, 1.0], dtype=flow.dtype, device=flow.device).view(1, 3, 1, 1)
    k = (offset + sector) % 6
    return value * (1 - torch.minimum(k, 4 - k).clamp(0, 1))

"""Inverses of degrees; a node of degree 0 gives and receives nothing."""

import torch
from torch import Tensor


def inverse(degree: Tensor) -> Tensor:
    """1 / degree, 0 for a degree of 0."""
    return degree.where(degree > 0, torch.inf).reciprocal()


def inverse_root(degree: Tensor) -> Tensor:
    """1 / sqrt(degree), 0 for a degree of 0."""
    return degree.where(degree > 0, torch.inf).rsqrt()

"""Between flat and padded batches, without the code under test."""

import torch
from torch import Tensor
from torch_geometric.utils import to_dense_batch


def pad(x: Tensor, num_nodes: Tensor) -> tuple[Tensor, Tensor]:
    return to_dense_batch(x, torch.repeat_interleave(num_nodes))


def unpad(x: Tensor, mask: Tensor) -> Tensor:
    return x[mask]

"""Checks that hold for every network of peers."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import Batch, Data


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@torch.no_grad()
def alone_and_batched(network: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
    """Logits of every clip as a single Data, and of all of them as a batch, in evaluation."""
    network.eval()
    return torch.cat([network(clip) for clip in batch.to_data_list()]), network(batch)


@torch.no_grad()
def logits_with_other_nodes(network: nn.Module, batch: Batch, name: str) -> tuple[Tensor, Tensor]:
    """Logits in evaluation before and after the pictures of all nodes but the apex frames change."""
    network.eval()
    before, kept = network(batch), torch.zeros(batch.num_nodes, dtype=torch.bool)
    kept[batch.global_index] = True
    changed = batch.clone()
    changed[name] = batch[name].where(kept[:, None, None, None], batch[name].flip(0, 2, 3))
    assert not torch.equal(changed[name], batch[name])
    return before, network(changed)


def without_gradient(network: nn.Module, batch: Batch) -> set[str]:
    """Names of the parameters that the loss of a training step does not reach."""
    F.cross_entropy(network.train()(batch), batch.y).backward()
    parts = network.named_parameters()
    return {name for name, part in parts if part.grad is None or not part.grad.any()}


def overfits(network: nn.Module, batch: Batch, lr: float, steps: int) -> bool:
    """Whether all clips of a batch are predicted right, in evaluation, after at most so many steps."""
    optimizer = torch.optim.Adam(network.parameters(), lr)
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        F.cross_entropy(network.train()(batch), batch.y).backward()
        optimizer.step()
        if step % 10 == 0 and is_right(network, batch):
            return True
    return False


@torch.no_grad()
def is_right(network: nn.Module, batch: Data) -> bool:
    return torch.equal(network.eval()(batch).argmax(1), batch.y)

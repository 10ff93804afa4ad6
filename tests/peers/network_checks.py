"""Clips for the networks of peers, and checks that hold for all of them."""

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import Batch, Data

from tests.clips import flow_batch


def peer_batch(side=32, sizes=(3, 1, 6), seed=0) -> Batch:
    """Ragged clips with flow, frames and depth of one size."""
    generator = torch.Generator().manual_seed(seed)
    batch = flow_batch(side, sizes, seed, frames=side)
    clips = batch.to_data_list()
    for clip in clips:
        clip.depth = torch.randn(clip.num_nodes, 1, side, side, generator=generator)
    return Batch.from_data_list(clips)


def loss_of(network, batch):
    """As the trainer computes it: the cross-entropy of every head."""
    logits = network(batch)
    return sum(F.cross_entropy(head, batch.y) for head in (logits if logits.dim() == 3 else logits[None]))


def overfits(network, batch, steps, lr) -> bool:
    """Whether a network predicts every clip of a batch, in evaluation mode, after training on it.

    Batch norm's statistics are those of one more step, because so few steps leave its running averages far behind.
    """
    optimizer = torch.optim.Adam(network.train().parameters(), lr)
    for _ in range(steps):
        optimizer.zero_grad()
        loss_of(network, batch).backward()
        optimizer.step()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        network(batch)
        return torch.equal(network.eval()(batch).argmax(1), batch.y)


@torch.no_grad()
def check_logits(network, batch, num_classes=3):
    """The logits of ragged clips are those of each clip alone, and only the apex of a clip counts."""
    logits = network.eval()(batch)
    assert logits.shape == (batch.num_graphs, num_classes)
    for row, clip in zip(logits, batch.to_data_list(), strict=True):
        assert torch.allclose(network(clip), row[None], atol=1e-4)
    others = torch.ones(batch.num_nodes, dtype=torch.bool)
    others[batch.global_index] = False
    changed = copy.deepcopy(batch)
    for name in ("flow", "frames", "depth"):
        changed[name][others] = changed[name][others].flip(0, 2)
    assert torch.equal(network(changed), logits)
    for name in ("flow", "frames", "depth"):
        changed[name] = changed[name].flip(2)
    assert not torch.allclose(network(changed), logits)


def check_gradients(network, batch):
    """Every parameter has a gradient."""
    loss_of(network.train(), batch).backward()
    none = [
        name for name, parameter in network.named_parameters() if parameter.grad is None or not parameter.grad.any()
    ]
    assert none == []


def parameters_of(network) -> int:
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


def overfits_within(network: nn.Module, batch: Batch, lr: float, steps: int) -> bool:
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

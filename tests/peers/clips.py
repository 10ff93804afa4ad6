"""Clips for networks that read optical flow or frames, and what every such network has to do with them."""

import copy

import torch
import torch.nn.functional as F
from torch_geometric.data import Batch

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

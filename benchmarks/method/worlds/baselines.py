"""Baselines that fix how hard a world is, before any variant of the model is trained on it.

Logistic regressions read a frame or means; a small network reads all frames in order. The features are
standardised by the training clips.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import Data

WIDTH, EPOCHS, BATCH, LR = 32, 40, 16, 3e-3
PENALTY = 0.01
"""Weight of the squared norm in the logistic regressions."""

Summary = Callable[[Tensor, int], Tensor]
"""``[n, F]`` and the node of the apex -> ``[D]``."""


def _halves(x: Tensor, apex: int) -> Tensor:
    middle = max(1, len(x) // 2)
    return x[middle:].mean(dim=0) - x[:middle].mean(dim=0) if len(x) > 1 else torch.zeros_like(x[0])


SUMMARIES: dict[str, Summary] = {
    "apex": lambda x, apex: x[apex],
    "around the apex": lambda x, apex: x[max(apex - 2, 0) : apex + 3].mean(dim=0),
    "mean": lambda x, apex: x.mean(dim=0),
    "mean, apex, difference": lambda x, apex: torch.cat([x.mean(dim=0), x[apex], _halves(x, apex)]),
}


class Convolution(nn.Module):
    """Two convolutions over five frames each, and the largest value over time."""

    def __init__(self, channels: int, num_classes: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv1d(size, WIDTH, 5, padding=2) for size in (channels, WIDTH))
        self.out = nn.Linear(WIDTH, num_classes)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        real = (torch.arange(x.size(1)) < lengths[:, None])[:, None]  # [B, 1, n]
        x = x.transpose(1, 2)
        for layer in self.layers:
            x = layer(x).relu() * real
        return self.out(F.dropout(x.amax(dim=2), 0.2, self.training))


NETWORKS: dict[str, Callable[[int, int], nn.Module]] = {"convolution": Convolution}
NAMES = [f"baseline: {name}" for name in [*SUMMARIES, *NETWORKS]]


def predict_held_out(
    name: str, clips: Sequence[Data], train: Sequence[int], test: Sequence[int], num_classes: int, seed: int
) -> list[int]:
    """Train a baseline on some clips, and predict others.

    Args:
        name: One of :data:`NAMES`.
        clips: With ``x``, ``y`` and ``global_index``.
        train: Positions of the training clips.
        test: Positions of the others.
        num_classes: C.
        seed: Of the network's weights and the order of the clips.
    """
    torch.manual_seed(seed)
    kind = name.removeprefix("baseline: ")
    y = torch.cat([clip.y for clip in clips])
    if kind in SUMMARIES:
        x = torch.stack([SUMMARIES[kind](clip.x, int(clip.global_index)) for clip in clips])
        mean, scale = x[train].mean(dim=0), x[train].std(dim=0) + 1e-6
        x = (x - mean) / scale
        return _regression(x[train], y[train], num_classes)(x[test]).argmax(dim=1).tolist()
    rows = torch.cat([clips[index].x for index in train])
    mean, scale = rows.mean(dim=0), rows.std(dim=0) + 1e-6
    x = nn.utils.rnn.pad_sequence([(clip.x - mean) / scale for clip in clips], batch_first=True)
    lengths = torch.tensor([len(clip.x) for clip in clips])
    network = NETWORKS[kind](x.size(2), num_classes)
    _fit(network, x[train], lengths[train], y[train])
    with torch.no_grad():
        return network.eval()(x[test], lengths[test]).argmax(dim=1).tolist()


def _regression(x: Tensor, y: Tensor, num_classes: int) -> nn.Linear:
    linear = nn.Linear(x.size(1), num_classes)
    nn.init.zeros_(linear.weight)
    optimizer = torch.optim.LBFGS(linear.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(linear(x), y) + PENALTY * linear.weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    return linear.requires_grad_(False)


def _fit(network: nn.Module, x: Tensor, lengths: Tensor, y: Tensor) -> None:
    optimizer = torch.optim.AdamW(network.parameters(), LR, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for _ in range(EPOCHS):
        network.train()
        for part in torch.randperm(len(x)).split(BATCH):
            longest = int(lengths[part].max())
            optimizer.zero_grad()
            F.cross_entropy(network(x[part, :longest], lengths[part]), y[part]).backward()
            optimizer.step()
        schedule.step()

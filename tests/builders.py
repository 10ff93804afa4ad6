"""Models that a user might bring, for the tests of what takes one."""

import torch
from torch import Tensor, nn
from torch_geometric.data import Data
from torch_geometric.nn import global_mean_pool

from atm_gcn import ATMGCN, ModelConfig
from atm_gcn.batch_check import clips_of


class MeanDifference(nn.Module):
    """An encoder without anything that the library's own offers beyond being called."""

    def __init__(self, out_channels: int) -> None:
        super().__init__()
        self.lin = nn.Linear(3 * 4, out_channels)

    def forward(self, frames: Tensor, onset_frames: Tensor, pos: Tensor) -> Tensor:
        difference = nn.functional.adaptive_avg_pool2d(frames - onset_frames, 2)
        return self.lin(difference.flatten(1))


def with_encoder(config: ModelConfig) -> ATMGCN:
    """The library's model around another encoder."""
    return ATMGCN(config, encoder=MeanDifference(config.motion_channels))


class Frames(nn.Module):
    """Another network altogether: no graph, no explanation, only logits of a batch."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.features = MeanDifference(8)
        self.classifier = nn.Linear(8, config.num_classes)

    def forward(self, batch: Data) -> Tensor:
        clip = clips_of(batch)[0]
        frames, onset = (images.float() / 255 for images in (batch.frames, batch.onset_frame))
        features = self.features(frames, onset[clip], batch.pos)
        return self.classifier(global_mean_pool(features, clip).relu())


def broken(config: ModelConfig) -> nn.Module:
    raise RuntimeError("no weights today")


def number(config: ModelConfig) -> int:
    return 3


class WrongShape(Frames):
    def forward(self, batch: Data) -> Tensor:
        return super().forward(batch)[:, :2]


class Fails(Frames):
    def forward(self, batch: Data) -> Tensor:
        raise KeyError("frames")


class Pair(Frames):
    def forward(self, batch: Data) -> tuple[Tensor, None]:
        return super().forward(batch), None


not_callable = torch.zeros(1)

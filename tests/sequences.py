"""Datasets of PyG whose clips are features, for the tests of training and of data."""

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from atm_gcn.config import ModelConfig, RunConfig

WIDTH = 6
CLASSES = ("down", "left", "still")


def feature_clips(people: int = 3, clips_per_subject: int = 3, seed: int = 0, strength: float = 6.0) -> list[Data]:
    """Noise of 4 to 8 rows in which two columns, by class, rise in the middle row, the global node."""
    generator = torch.Generator().manual_seed(seed)
    clips = []
    for person in range(people):
        for number in range(clips_per_subject):
            n, label = int(torch.randint(4, 9, (), generator=generator)), number % len(CLASSES)
            x = torch.randn(n, WIDTH, generator=generator)
            x[n // 2, 2 * label : 2 * label + 2] += strength
            apex = torch.tensor([n // 2])
            clips.append(Data(x=x, y=torch.tensor([label]), subject=f"s{person}", clip=f"c{number}", global_index=apex))
    return clips


def feature_config(**optim) -> RunConfig:
    """Settings of a model of features that trains in a blink."""
    model = {"num_layers": 1, "hidden_channels": 8, "heads": 2, "window": 1}
    train = {"optim": {"epochs": 2, "batch_size": 4, "lr": 1e-2, **optim}, "compute": {"device": "cpu", "threads": 1}}
    return RunConfig().merge({"model": model, "train": train})


class MeanClassifier(nn.Module):
    """A whole model: the mean of the rows of a clip, and a linear layer."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.linear = nn.Linear(config.motion_channels, config.num_classes)

    def forward(self, batch: Data) -> Tensor:
        rows = torch.stack([rows.mean(dim=0) for rows in batch.x.split(batch.ptr.diff().tolist())])
        return self.linear(rows)

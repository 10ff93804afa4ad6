"""Compare a whole model of your own with ATM-GCN over the same folds and seeds.

    python examples/custom_model.py

The model is a GRU over precomputed features, those of precomputed_features.py. Anything that takes a batch of clips and
returns logits can take its place: the folds, the check for leakage, the scores and the paired test are the same.
Both are right for nearly every clip of these artificial data, and the test finds no difference.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from precomputed_features import write_features
from torch import Tensor, nn
from torch_geometric.data import Batch
from torch_geometric.utils import to_dense_batch

from atm_gcn import ModelConfig
from atm_gcn.data import load_features
from atm_gcn.training import cross_validate


class GRUClassifier(nn.Module):
    """A bidirectional GRU over the rows of each clip, their maximum over time, and a linear layer."""

    def __init__(self, config: ModelConfig) -> None:  # the data determine motion_channels and num_classes
        super().__init__()
        self.gru = nn.GRU(config.motion_channels, config.hidden_channels // 2, batch_first=True, bidirectional=True)
        self.classifier = nn.Linear(config.hidden_channels, config.num_classes)

    def forward(self, batch: Batch) -> Tensor:
        rows, is_row = to_dense_batch(batch.x, batch.batch)  # [B, longest, C], [B, longest]
        hidden, _ = self.gru(rows)
        return self.classifier(hidden.masked_fill(~is_row[..., None], -torch.inf).amax(dim=1))


def main(people: int = 6, clips_per_subject: int = 12, epochs: int = 10) -> None:
    overrides = [f"train.optim.epochs={epochs}"]
    with TemporaryDirectory() as folder:
        clips = load_features(write_features(Path(folder), people, clips_per_subject))
    gru = cross_validate(clips, GRUClassifier, preset="demo", overrides=overrides)
    graph = cross_validate(clips, preset="demo", overrides=overrides)
    for name, result in (("GRU", gru), ("ATM-GCN", graph)):
        print(f"{name:<8} UF1 {result.scores['uf1']:.3f}  UAR {result.scores['uar']:.3f}")
    print(f"ATM-GCN - GRU, UF1: {graph.compare(gru)['uf1']}")  # with its 95 % interval and p


if __name__ == "__main__":
    main()

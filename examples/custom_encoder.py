"""Train a custom CNN instead of the motion encoder.

    python examples/custom_encoder.py

Generates clips of synthetic faces, trains on all people but one, and predicts the clips of that one. Only the encoder
differs from the model of the paper. Three people are too few for a good model; the example shows how to train, save and
load one. The command line trains it too, from the folder of this file:

    atm-gcn train STORE RUN --preset demo --set model.build_model=custom_encoder:build_model
    atm-gcn predict VIDEO --model RUN --build-model custom_encoder:build_model
"""

import tempfile
from pathlib import Path

import torch
from torch import Tensor, nn

from atm_gcn import ATMGCN, DataConfig, ModelConfig, RunConfig
from atm_gcn.data import MERDataset, load_manifest, prepare
from atm_gcn.synth import synthesize
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.preflight import resolve


class DifferenceCNN(nn.Module):
    """Three strided convolutions of the difference from the onset frame.

    ATMGCN calls an encoder with the normalised frames of all clips, the onset frame of each, and the time of each. The
    encoder returns ``motion_channels`` values per frame.
    """

    def __init__(self, out_channels: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 5, stride=2, padding=2),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Conv2d(32, 32, 3, stride=2, padding=1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(6),  # keeps the place of a movement on the face
            nn.Flatten(),
        )
        self.proj = nn.Linear(32 * 6 * 6, out_channels)

    def forward(self, frames: Tensor, onset_frames: Tensor, pos: Tensor) -> Tensor:
        return self.proj(self.features(frames - onset_frames))  # [F, 3, H, W] -> [F, out_channels]


def build_model(config: ModelConfig) -> ATMGCN:
    """Build the model of a fold."""
    return ATMGCN(config, encoder=DifferenceCNN(config.motion_channels))


def main(people: int = 4, clips_per_subject: int = 9, epochs: int = 8) -> None:
    with tempfile.TemporaryDirectory() as folder:
        manifest = synthesize(Path(folder) / "clips", people, clips_per_subject, num_classes=3, size=96)
        store = prepare(load_manifest(manifest), Path(folder) / "store", DataConfig(size=64, fps=30))
        base = RunConfig.preset("demo")
        optim = {"epochs": epochs, "batch_size": 9, "lr_decay": 1.0}
        config = base.merge({"train": {"optim": optim, "augment": {"crop": 0, "flip": False}}})
        config = resolve(config.override(["train.compute.device=cpu"]), base, store)

        held_out = store.subjects[-1]
        result = train_fold(config, store, held_out, build_model=build_model)
        print(f"loss of the last epoch: {result.log[-1]['loss']:.3f}")
        correct = (result.probabilities.argmax(dim=1) == torch.tensor(result.labels)).sum()
        total = len(result.labels)
        print(f"held-out subject {held_out}: {correct} of {total} clips correct (chance: {total / 3:.0f})")

        model = build_model(config.model)
        model.load_state_dict(result.state_dict)
        model.eval().save_pretrained(folder)
        loaded = ATMGCN.from_pretrained(folder, encoder=DifferenceCNN(config.model.motion_channels))
        clip = MERDataset(store)[0]
        print(f"loaded model gives equal logits: {torch.equal(loaded(clip), model(clip))}")


if __name__ == "__main__":
    main()

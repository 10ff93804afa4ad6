"""Train a custom CNN instead of the motion encoder.

    python examples/custom_encoder.py

Generates clips of synthetic faces and holds every person out once. Only the encoder differs from the model of the
paper. Three people are too few for a good model: expect scores whose intervals include chance. The command line trains
it too, from the folder of this file:

    atm-gcn train STORE RUN --preset demo --set model.build_model=custom_encoder:build_model
    atm-gcn predict VIDEO --model RUN --build-model custom_encoder:build_model
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from torch import Tensor, nn

from atm_gcn import ATMGCN, DataConfig, ModelConfig, RunConfig
from atm_gcn.data import MERDataset, load_manifest, prepare
from atm_gcn.synth import synthesize
from atm_gcn.training import cross_validate


class DifferenceCNN(nn.Module):
    """Three strided convolutions of the difference from the onset frame.

    ATMGCN calls an encoder with the normalised frames of all clips, the onset frame of each, and the time of each. The
    encoder returns ``motion_channels`` values per frame. Beside frames, ``data.view=both`` gives it optical flow in
    three more channels.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, 16, 5, stride=2, padding=2),
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
        return self.proj(self.features(frames - onset_frames))  # [F, in_channels, H, W] -> [F, out_channels]


def build_model(config: ModelConfig) -> ATMGCN:
    """Build the model of a fold."""
    return ATMGCN(config, encoder=DifferenceCNN(config.in_channels, config.motion_channels))


def main(people: int = 3, clips_per_subject: int = 9, epochs: int = 6) -> None:
    with TemporaryDirectory() as folder:
        manifest = synthesize(Path(folder) / "clips", people, clips_per_subject, num_classes=3, size=96)
        store = prepare(load_manifest(manifest), Path(folder) / "store", DataConfig(size=64, fps=30))
        result = cross_validate(store, build_model, preset="demo", overrides=[f"train.optim.epochs={epochs}"])
        print(result)

        first = next((result.folder / "folds").iterdir())  # the model that held the first subject out
        config = RunConfig.preset("demo").model
        loaded = ATMGCN.from_pretrained(first, encoder=DifferenceCNN(config.in_channels, config.motion_channels))
        print(f"loaded model of the fold {first.name}: {loaded(MERDataset(store)[0]).softmax(dim=1).tolist()[0]}")


if __name__ == "__main__":
    main()

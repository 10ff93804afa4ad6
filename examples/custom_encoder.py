"""Use a custom CNN instead of the motion encoder.

    python examples/custom_encoder.py

Draws clips of four people, trains on three of them for a few epochs, and tests on the fourth. Only the encoder differs
from the paper's model: graph, readout, data and loss are those of the package. Three people are too few for a good
model; the example shows how to train, save and load one.
"""

import tempfile
from pathlib import Path

import torch
from torch import Tensor, nn
from torch_geometric.loader import DataLoader

from atm_gcn import ATMGCN, DataConfig, ModelConfig
from atm_gcn.data import MERDataset, load_manifest, prepare
from atm_gcn.losses import focal_loss
from atm_gcn.synth import synthesize


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
            nn.AdaptiveAvgPool2d(6),  # keeps where on the face the movement is
            nn.Flatten(),
        )
        self.proj = nn.Linear(32 * 6 * 6, out_channels)

    def forward(self, frames: Tensor, onset_frames: Tensor, pos: Tensor) -> Tensor:
        return self.proj(self.features(frames - onset_frames))  # [F, 3, H, W] -> [F, out_channels]


def main(people: int = 4, clips_per_subject: int = 9, epochs: int = 8) -> None:
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        manifest = synthesize(Path(folder) / "clips", people, clips_per_subject, num_classes=3, size=96)
        store = prepare(load_manifest(manifest), Path(folder) / "store", DataConfig(size=64, fps=30))
        *seen, unseen = store.subjects
        training, held_out = MERDataset(store, subjects=seen), MERDataset(store, subjects=[unseen])

        config = ModelConfig(num_classes=training.num_classes, motion_channels=32, hidden_channels=32, num_layers=2)
        model = ATMGCN(config, encoder=DifferenceCNN(config.motion_channels))
        optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
        for epoch in range(1, epochs + 1):
            losses = []
            for batch in DataLoader(training, batch_size=9, shuffle=True):
                loss = focal_loss(model(batch), batch.y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}")

        model.eval()
        with torch.no_grad():
            right = sum((model(batch).argmax(1) == batch.y).sum().item() for batch in DataLoader(held_out, 9))
        print(f"held-out subject {unseen}: {right} of {len(held_out)} clips correct (chance: {len(held_out) / 3:.0f})")

        model.save_pretrained(folder)
        again = ATMGCN.from_pretrained(folder, encoder=DifferenceCNN(config.motion_channels))
        clip = held_out[0]
        print(f"loaded model gives equal logits: {torch.equal(again(clip), model(clip))}")


if __name__ == "__main__":
    main()

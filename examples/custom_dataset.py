"""Train on clips in a custom file format, without a frame store.

    python examples/custom_dataset.py

Each clip is an ``.npz`` file with its frames, its label and its subject. A dataset converts it to the Data object that
the model expects; everything else is plain PyTorch Geometric. Three people are too few for a good model: expect the
accuracy on the fourth to be close to chance.
"""

import tempfile
from pathlib import Path

import numpy as np
import torch
from torch_geometric.data import Data, Dataset
from torch_geometric.loader import DataLoader

from atm_gcn import ATMGCN
from atm_gcn.data import load_manifest
from atm_gcn.losses import focal_loss
from atm_gcn.media.apex import choose_apex
from atm_gcn.media.resizing import resize_square
from atm_gcn.media.sources import open_source
from atm_gcn.synth import synthesize

CLASSES = ("negative", "positive", "surprise")
SIZE = 64


class ArrayClips(Dataset):
    """One Data object per file with ``frames`` (uint8 RGB ``[L, H, W, 3]``, onset first), ``label`` and ``subject``."""

    def __init__(self, files: list[Path]) -> None:
        super().__init__()
        self.files = files

    def len(self) -> int:
        return len(self.files)

    def get(self, idx: int) -> Data:
        with np.load(self.files[idx]) as clip:
            frames, label = clip["frames"], str(clip["label"])
        images = torch.from_numpy(frames).permute(0, 3, 1, 2)  # [L, 3, H, W]
        apex = choose_apex(frames, "max-motion")  # position among the frames, never 0
        return Data(
            frames=images[1:],  # one node per frame, except the onset
            onset_frame=images[:1],
            pos=torch.arange(2, len(images) + 1),  # frame index; the onset is 1
            global_index=torch.tensor([apex - 1]),  # the apex frame's node
            num_nodes=len(images) - 1,
            y=torch.tensor([CLASSES.index(label)]),
        )


def write_arrays(folder: Path, people: int, clips_per_subject: int) -> dict[str, list[Path]]:
    """Write synthetic clips as ``.npz`` files, and return the files of each person."""
    files: dict[str, list[Path]] = {}
    for clip in load_manifest(synthesize(folder / "clips", people, clips_per_subject, size=96)):
        source = open_source(clip.source)
        numbers = [number for number in source.numbers if clip.onset <= number <= clip.offset][::2]
        frames = np.stack([resize_square(frame, SIZE) for frame in source.iterate(numbers)])
        file = folder / f"{clip.subject}-{clip.name}.npz"
        np.savez(file, frames=frames, label=clip.label, subject=clip.subject)
        files.setdefault(clip.subject, []).append(file)
    return files


def main(people: int = 4, clips_per_subject: int = 9, epochs: int = 8) -> None:
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        files = write_arrays(Path(folder), people, clips_per_subject)
        *seen, unseen = files  # no person is in both sets
        training = ArrayClips([file for subject in seen for file in files[subject]])
        model = ATMGCN.from_preset("demo", num_classes=len(CLASSES))
        optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
        for epoch in range(1, epochs + 1):
            losses = []
            for batch in DataLoader(training, batch_size=9, shuffle=True):  # edges are built inside the model
                loss = focal_loss(model(batch), batch.y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}")
        model.eval()
        held_out = ArrayClips(files[unseen])
        with torch.no_grad():
            right = sum((model(batch).argmax(1) == batch.y).sum().item() for batch in DataLoader(held_out, 9))
        print(f"held-out subject {unseen}: {right} of {len(held_out)} clips correct (chance: {len(held_out) / 3:.0f})")


if __name__ == "__main__":
    main()

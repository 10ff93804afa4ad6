"""Train on clips that lie on disk in a form of one's own, without a frame store.

    python examples/custom_dataset.py

Here a clip is an ``.npz`` file with its frames, its label and who is in it, as a pipeline of one's own might leave
them. A dataset turns each into the Data that the model reads; everything after it is plain PyTorch Geometric.
Three people to learn from are few: of the fourth's clips, expect about as many right as by guessing.
"""

import tempfile
from pathlib import Path

import numpy as np
import torch
from torch_geometric.data import Data, Dataset
from torch_geometric.loader import DataLoader

from atm_gcn import ATMGCN
from atm_gcn.data import load_manifest
from atm_gcn.data.clip_frames import scaled
from atm_gcn.losses import focal_loss
from atm_gcn.media.apex import choose_apex
from atm_gcn.media.sources import open_source
from atm_gcn.synth import synthesize

CLASSES = ("negative", "positive", "surprise")
SIZE = 64


class ArrayClips(Dataset):
    """One Data a file: ``frames`` uint8 RGB ``[L, H, W, 3]``, the onset first, ``label`` and ``subject``."""

    def __init__(self, files: list[Path]) -> None:
        super().__init__()
        self.files = files

    def len(self) -> int:
        return len(self.files)

    def get(self, idx: int) -> Data:
        with np.load(self.files[idx]) as clip:
            frames, label = clip["frames"], str(clip["label"])
        images = torch.from_numpy(frames).permute(0, 3, 1, 2)  # [L, 3, H, W]
        apex = choose_apex(frames, "max-motion")  # position among the frames, never the onset's
        return Data(
            frames=images[1:],  # one node a frame, the onset excepted
            onset_frame=images[:1],
            pos=torch.arange(2, len(images) + 1),  # frame index; the onset is 1
            global_index=torch.tensor([apex - 1]),  # the apex frame's node
            num_nodes=len(images) - 1,
            y=torch.tensor([CLASSES.index(label)]),
        )


def write_arrays(folder: Path, people: int, clips_per_subject: int) -> dict[str, list[Path]]:
    """Stand in for a pipeline of one's own: the files of each person."""
    files: dict[str, list[Path]] = {}
    for clip in load_manifest(synthesize(folder / "clips", people, clips_per_subject, size=96)):
        source = open_source(clip.source)
        numbers = [number for number in source.numbers if clip.onset <= number <= clip.offset][::2]
        frames = np.stack([scaled(frame, SIZE) for frame in source.iterate(numbers)])
        file = folder / f"{clip.subject}-{clip.name}.npz"
        np.savez(file, frames=frames, label=clip.label, subject=clip.subject)
        files.setdefault(clip.subject, []).append(file)
    return files


def main(people: int = 4, clips_per_subject: int = 9, epochs: int = 8) -> None:
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        files = write_arrays(Path(folder), people, clips_per_subject)
        *seen, unseen = files  # nobody is on both sides
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
        print(f"{unseen}, held out: {right} of {len(held_out)} clips right; guessing gets {len(held_out) / 3:.0f}")


if __name__ == "__main__":
    main()

"""Cross-validate a dataset of PyG: clips in a file format of your own, without a frame store.

    python examples/custom_dataset.py

Each clip is an ``.npz`` file with its frames, its label and its subject. A dataset turns it into the Data object that
the model expects, and ``cross_validate`` holds every subject out once. Three people are too few for a good model:
expect scores whose intervals include chance.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch_geometric.data import Data, Dataset

from atm_gcn.data import load_manifest
from atm_gcn.media.resizing import resize_square
from atm_gcn.media.sources import open_source
from atm_gcn.synth import synthesize
from atm_gcn.training import cross_validate

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
            images = torch.from_numpy(clip["frames"]).permute(0, 3, 1, 2)  # [L, 3, H, W]
            return Data(
                frames=images[1:],  # one node per frame, except the onset
                onset_frame=images[:1],
                label=str(clip["label"]),
                subject=str(clip["subject"]),
                clip=self.files[idx].stem,
                num_nodes=len(images) - 1,
            )  # without global_index, the frame that differs most from the onset takes the place of the apex


def write_arrays(folder: Path, people: int, clips_per_subject: int) -> list[Path]:
    """Write synthetic clips as ``.npz`` files."""
    files = []
    for clip in load_manifest(synthesize(folder / "clips", people, clips_per_subject, size=96)):
        source = open_source(clip.source)
        numbers = [number for number in source.numbers if clip.onset <= number <= clip.offset][::2]
        frames = np.stack([resize_square(frame, SIZE) for frame in source.iterate(numbers)])
        files.append(folder / f"{clip.subject}-{clip.name}.npz")
        np.savez(files[-1], frames=frames, label=clip.label, subject=clip.subject)
    return files


def main(people: int = 3, clips_per_subject: int = 9, epochs: int = 6) -> None:
    with TemporaryDirectory() as folder:
        dataset = ArrayClips(write_arrays(Path(folder), people, clips_per_subject))
        print(cross_validate(dataset, preset="demo", overrides=[f"train.optim.epochs={epochs}"]))


if __name__ == "__main__":
    main()

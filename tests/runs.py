"""Small frame stores and small models, for the tests of training and of the command line."""

from pathlib import Path

import cv2
import numpy as np

from atm_gcn.config import DataConfig, RunConfig
from atm_gcn.data import Clip, FrameStore, prepare

SIZE = 32
CLASSES = ("down", "left", "still")
TINY = {
    "model": {
        "num_blocks": 1,
        "num_layers": 1,
        "stem_channels": (4, 4),
        "block_channels": (4, 4, 4, 4),
        "motion_channels": 8,
        "hidden_channels": 8,
        "grid": 2,
        "heads": 2,
    },
    "data": {"size": SIZE},
    "train": {
        "optim": {"epochs": 2, "batch_size": 4, "lr": 1e-3},
        "augment": {"crop": 0.1, "flip": True},
        "compute": {"device": "cpu", "threads": 1},
    },
}
TINY_SETS = [
    "model.num_blocks=1",
    "model.stem_channels=[4, 4]",
    "model.block_channels=[4, 4, 4, 4]",
    "model.motion_channels=8",
    "model.hidden_channels=8",
    "model.grid=2",
    "model.heads=2",
    "train.optim.epochs=2",
    "train.optim.batch_size=4",
    "train.compute.threads=1",
]


def with_train(config: RunConfig, **train) -> RunConfig:
    """A copy with other settings of the training, named without their sections: ``lr=0.1``."""
    sections: dict[str, dict] = {}
    for key, value in train.items():
        section = next(name for name, default in config.train if key in type(default).model_fields)
        sections.setdefault(section, {})[key] = value
    return config.merge({"train": sections})


def tiny_config(**train) -> RunConfig:
    """Settings of a model that trains in a blink."""
    return with_train(RunConfig().merge(TINY), **train)


def write_clip(folder: Path, label: str, seed: int, length: int = 5) -> Path:
    """A folder of noisy frames in which one half of the picture brightens, or none."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    face = rng.integers(60, 180, (SIZE, SIZE, 3))
    for number in range(length):
        frame = face.copy()
        if label == "down":
            frame[SIZE // 2 :] += 20 * number
        elif label == "left":
            frame[:, : SIZE // 2] += 20 * number
        frame += rng.integers(-3, 4, frame.shape)
        assert cv2.imwrite(str(folder / f"img{number}.png"), frame.clip(0, 255).astype(np.uint8))
    return folder


def tiny_clips(path: Path, subjects: int = 3, labels: tuple[str, ...] = CLASSES) -> list[Clip]:
    """Write one clip a class for every subject below ``path``."""
    clips = []
    for person in range(subjects):
        for number, label in enumerate(labels):
            name, seed = f"c{number}", 100 * person + number
            source = write_clip(path / f"s{person}" / name, label, seed, length=4 + person)
            clip = Clip("tiny", f"s{person}", name, 0, 3, 3 + person, 30.0, label=label, source=str(source))
            clips.append(clip)
    return clips


def tiny_store(path: Path, subjects: int = 3, **config) -> FrameStore:
    """A frame store of :func:`tiny_clips`."""
    return prepare(tiny_clips(path / "clips", subjects), path / "store", DataConfig(**{"size": SIZE, **config}))


class ChangeableStore(FrameStore):
    """A store whose pictures, in ``frames``, can be changed in memory."""

    def read(self, index: int) -> np.ndarray:
        stored = self.clips[index]
        return self.frames[stored.first : stored.first + stored.num_frames].copy()


def equal_runs(one: Path, two: Path) -> bool:
    """Whether two runs over :func:`tiny_clips` of three subjects have equal scores, predictions and models."""
    files = ["metrics.json", "predictions.csv", *(f"folds/tiny__s{i}/model.safetensors" for i in range(3))]
    return all((one / file).read_bytes() == (two / file).read_bytes() for file in files)

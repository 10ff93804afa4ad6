"""The interface through which datasets and training read clips, of one frame store or several."""

from pathlib import Path
from typing import Protocol

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.store.stored_clips import StoredClip


class ClipStore(Protocol):
    """Clips with their frames, classes and settings.

    Attributes:
        path: Folder of the store.
        clips: Every clip, in the order of its index.
        classes: The labels in the order of the logits.
    """

    path: Path
    clips: list[StoredClip]
    classes: list[str]

    @property
    def config(self) -> DataConfig:
        """The settings that the frames were prepared with."""

    @property
    def checksum(self) -> str:
        """SHA-256 of everything that determines the clips and their frames."""

    @property
    def subjects(self) -> list[str]:
        """The key of every subject, in the order of first occurrence."""

    def read(self, index: int) -> np.ndarray:
        """All frames of one clip, uint8 ``[L, size, size, 3]``."""

    def seconds(self, index: int) -> np.ndarray:
        """When the frames of one clip are shown in its recording, float64 ``[L]``."""

    def positions(self, index: int) -> np.ndarray:
        """Positions of the frames of one clip in time, in frames at its rate, float64 ``[L]``; the first is 1."""

    def __len__(self) -> int: ...

"""Two frame stores read as one: to train on the first and test on the second."""

import hashlib

import numpy as np

from atm_gcn.config import DECISIONS, DataConfig
from atm_gcn.data.store.clip_store import PictureStore
from atm_gcn.data.store.frame_store import FrameStore
from atm_gcn.errors import ATMGCNError

SETTINGS = ("size", "fps", "max_frames", "face")  # that must be equal, since they determine what frames look like


class JoinedStore(PictureStore):
    """The clips of two stores one after another; each is read from its own files.

    Args:
        first: Its clips come first; the joined store has its path and settings.
        second: A store with the same classes in the same order, made with the same settings.

    Attributes:
        boundary: Number of clips of the first store.

    Raises:
        ATMGCNError: If the stores differ in their classes or in how their frames were made.
    """

    def __init__(self, first: FrameStore, second: FrameStore) -> None:
        _check(first, second)
        self.path = first.path
        self.clips = first.clips + second.clips
        self.classes = first.classes
        self.boundary = len(first)
        self._stores = (first, second)

    @property
    def config(self) -> DataConfig:
        """The settings of the first store, without decisions that were not made for both."""
        first, second = (store.meta["config"] for store in self._stores)
        undecided = {key for key in DECISIONS if first.get(key) != second.get(key)}
        return DataConfig.model_validate({key: value for key, value in first.items() if key not in undecided})

    @property
    def checksum(self) -> str:
        """SHA-256 of both checksums."""
        return hashlib.sha256(" ".join(store.checksum for store in self._stores).encode()).hexdigest()

    def read(self, index: int) -> np.ndarray:
        store, position = self._find(index)
        return store.read(position)

    def seconds(self, index: int) -> np.ndarray:
        store, position = self._find(index)
        return store.seconds(position)

    def positions(self, index: int) -> np.ndarray:
        store, position = self._find(index)
        return store.positions(position)

    def _find(self, index: int) -> tuple[FrameStore, int]:
        """The store that holds a clip, and the clip's index in it."""
        first, second = self._stores
        return (first, index) if index < self.boundary else (second, index - self.boundary)


def _check(first: FrameStore, second: FrameStore) -> None:
    if first.classes != second.classes:
        raise ATMGCNError(
            f"{second.path}: has the classes {', '.join(second.classes)}, and {first.path} has "
            f"{', '.join(first.classes)}; prepare both with the same data.classes"
        )
    for key in SETTINGS:
        one, other = first.meta["config"][key], second.meta["config"][key]
        if one != other:
            raise ATMGCNError(
                f"{second.path}: was prepared with {key} {other}, and {first.path} with {one}; prepare one again"
            )

"""Two frame stores read as one: to train on the first and test on the second."""

import hashlib
from typing import Any

import numpy as np

from atm_gcn.config import DECISIONS
from atm_gcn.data.store.frame_store import FrameStore
from atm_gcn.errors import ATMGCNError

SETTINGS = ("size", "fps", "max_frames", "face")  # what makes the frames of two stores look alike


class JoinedStore(FrameStore):
    """The clips of two stores one after another; each is read from its own files.

    Args:
        first: Its clips come first; the joined store has its path and settings.
        second: A store with the same classes in the same order, made with the same settings.

    Attributes:
        boundary: Clips of the first store.

    Raises:
        ATMGCNError: If the stores differ in their classes or in how their frames were made.
    """

    def __init__(self, first: FrameStore, second: FrameStore) -> None:
        _check(first, second)
        both = f"{first.meta['checksum']} {second.meta['checksum']}"
        meta = first.meta | {"checksum": hashlib.sha256(both.encode()).hexdigest(), "config": _decided(first, second)}
        super().__init__(first.path, meta, first.clips + second.clips)
        self.stores = (first, second)
        self.boundary = len(first)

    def read(self, index: int) -> np.ndarray:
        """All frames of one clip, uint8 ``[L, size, size, 3]``."""
        first, second = self.stores
        return first.read(index) if index < self.boundary else second.read(index - self.boundary)

    def seconds(self, index: int) -> np.ndarray:
        """When the frames of one clip are shown in its recording, float64 ``[L]``."""
        first, second = self.stores
        return first.seconds(index) if index < self.boundary else second.seconds(index - self.boundary)


def _decided(first: FrameStore, second: FrameStore) -> dict[str, Any]:
    """The settings of the first store, without decisions that were not made for both."""
    config = first.meta["config"]
    undecided = {key for key in DECISIONS if config.get(key) != second.meta["config"].get(key)}
    return {key: value for key, value in config.items() if key not in undecided}


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

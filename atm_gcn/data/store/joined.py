"""Two frame stores, or manifests of features, read as one: to test on the second, or to let it help training."""

import copy
import hashlib
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from atm_gcn.config import DECISIONS, DataConfig
from atm_gcn.data.clip import Clip
from atm_gcn.data.store.clip_store import ClipStore, View
from atm_gcn.errors import ATMGCNError

if TYPE_CHECKING:
    from torch_geometric.data import Data

SETTINGS = (
    *("size", "fps", "max_frames", "face", "face_detector", "face_choice", "face_margin"),
    *("register", "flow", "flow_size", "depth"),
)
"""Settings that must be equal, since they determine what frames and optical flow look like."""


class JoinedStore(ClipStore):
    """The clips of two stores one after another; each is read from its own files.

    Args:
        first: Its clips come first; the joined store has its path and settings.
        second: A store with the same classes in the same order, made with the same settings.

    Attributes:
        boundary: Number of clips of the first store.

    Raises:
        ATMGCNError: If the stores differ in their classes or in how their frames were made.
    """

    def __init__(self, first: ClipStore, second: ClipStore) -> None:
        _check(first, second)
        self.path = first.path
        self.clips = first.clips + second.clips
        self.classes = first.classes
        self.boundary = len(first)
        self.fix, self.same_fix, self.settings_fix = first.fix, first.same_fix, first.settings_fix
        self.class_fix = first.class_fix
        self._stores = (first, second)

    @property
    def parts(self) -> "tuple[ClipStore, ClipStore]":
        """The two stores."""
        return self._stores

    @property
    def targets(self) -> list[Any]:
        return [*self._stores[0].targets, *self._stores[1].targets]

    @property
    def config(self) -> DataConfig:
        """The settings of the first store, without decisions that were not made for both."""
        first, second = (store.config.model_dump() for store in self._stores)
        undecided = {key for key in DECISIONS if first[key] != second[key]}
        return DataConfig.model_validate({key: value for key, value in first.items() if key not in undecided})

    @property
    def checksum(self) -> str:
        """SHA-256 of both checksums."""
        return hashlib.sha256(" ".join(store.checksum for store in self._stores).encode()).hexdigest()

    @property
    def frame_size(self) -> int | None:
        return self._stores[0].frame_size

    @property
    def model_settings(self) -> dict[str, Any]:
        return self._stores[0].model_settings

    def located(self, index: int) -> tuple[ClipStore, int]:
        store, position = self._find(index)
        return store.located(position)

    def read(self, index: int) -> np.ndarray:
        store, position = self._find(index)
        return store.read(position)

    @property
    def has_flow(self) -> bool:
        return all(store.has_flow for store in self._stores)

    @property
    def has_landmarks(self) -> bool:
        return any(store.has_landmarks for store in self._stores)

    def item(self, index: int, window: int, view: View | None = None) -> "Data":
        from atm_gcn.data.store.clip_data import landmarks_tensor

        store, position = self._find(index)
        data = store.item(position, window, view)
        if self.has_landmarks and not store.has_landmarks:
            data.landmarks = landmarks_tensor(None)
        return data

    @property
    def first_clips(self) -> list[Clip]:
        """The clips of the first store."""
        return [stored.clip for stored in self.clips[: self.boundary]]

    def _find(self, index: int) -> tuple[ClipStore, int]:
        """The store that holds a clip, and the clip's index in it."""
        first, second = self._stores
        return (first, index) if index < self.boundary else (second, index - self.boundary)


class AuxiliaryStore(JoinedStore):
    """A store with another whose clips train along, and are never tested.

    Args:
        first: The clips that a protocol divides.
        second: A store with the same classes in the same order, made with the same settings.

    Attributes:
        weight: Weight of a clip of the second store in the loss, beside 1 for one of the first.
    """

    weight = 1.0

    def weighted(self, weight: float) -> Self:
        """The same clips with another weight."""
        other = copy.copy(self)
        other.weight = weight
        return other

    def item(self, index: int, window: int, view: View | None = None) -> "Data":
        import torch

        data = super().item(index, window, view)
        data.clip_weight = torch.tensor([1.0 if index < self.boundary else self.weight])
        return data


def _check(first: ClipStore, second: ClipStore) -> None:
    if first.classes != second.classes:
        raise ATMGCNError(
            f"{second.name}: has the classes {', '.join(second.classes)}, and {first.name} has "
            f"{', '.join(first.classes)}; prepare both with the same data.classes"
        )
    unused = first.config.unused & second.config.unused
    for key in [key for key in SETTINGS if key not in unused]:
        one, other = getattr(first.config, key), getattr(second.config, key)
        if one != other:
            raise ATMGCNError(
                f"{second.name}: was prepared with {key} {other}, and {first.name} with {one}; prepare one again"
            )
    if first.model_settings != second.model_settings:
        raise ATMGCNError(
            f"{second.name}: holds {_described(second)}, and {first.name} {_described(first)}; both must hold the same"
        )


def _described(store: ClipStore) -> str:
    width = store.model_settings.get("motion_channels")
    return "pictures" if width is None else f"{width} features per row"

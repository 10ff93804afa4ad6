"""The interface through which datasets and training read clips: of a frame store, of several, or of other data."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.store.stored_clips import StoredClip

if TYPE_CHECKING:
    from torch_geometric.data import Data


View = Literal["frames", "flow", "both"]

_LOOKED_AT = 4  # clips


class ClipStore(Protocol):
    """Clips with their frames or features, classes and settings.

    Attributes:
        path: Folder of the store, or the file that the clips come from; None if there is neither.
        clips: Every clip, in the order of its index.
        classes: The labels in the order of the logits.
        fix: What to do about clips that must not be on two sides of a fold, for messages.
        same_fix: What to do about two spellings of one subject or class, for messages; ``{}`` stands for which.
        class_fix: What to do about a class without a clip, for messages.
        settings_fix: What to do about settings that the clips were not prepared with, for messages.
    """

    path: Path | None
    clips: list[StoredClip]
    classes: list[str]
    fix: str = "fix the manifest and prepare again"
    same_fix: str = "prepare again with --similar-{}s same"
    class_fix: str = "add clips of it, or leave it out of data.classes and prepare"
    settings_fix: str = "prepare it again"

    @property
    def name(self) -> str:
        """What messages call the store: its path, if it has one."""
        return str(self.path)

    @property
    def targets(self) -> Sequence[Any]:
        """What a model is to predict of each clip: the number of its class, or the states of its action units."""
        return [self.classes.index(stored.clip.label) for stored in self.clips]

    @property
    def config(self) -> DataConfig:
        """The settings that the frames were prepared with."""

    @property
    def checksum(self) -> str:
        """SHA-256 of everything that determines the clips and their frames or features."""

    @property
    def subjects(self) -> list[str]:
        """The key of every subject, in the order of first occurrence."""
        return list(dict.fromkeys(stored.clip.subject_key for stored in self.clips))

    @property
    def frame_size(self) -> int | None:
        """Height and width of a frame in pixels; None if the clips are features instead of pictures."""

    def input_size(self, view: View) -> int | None:
        """Height and width of the images that an encoder of a view reads; None if the clips are features."""
        return self.frame_size

    @property
    def model_settings(self) -> dict[str, Any]:
        """Settings of the model that the clips determine, beside the classes."""
        return {}

    @property
    def has_flow(self) -> bool:
        """Whether the clips have optical flow; see :meth:`PictureStore.flow`."""
        return False

    @property
    def has_landmarks(self) -> bool:
        """Whether the clips have landmarks of a face; see :meth:`PictureStore.landmarks`."""
        return False

    @property
    def has_depth(self) -> bool:
        """Whether the clips have pictures of depth; see :meth:`PictureStore.depth`."""
        return False

    def read(self, index: int) -> np.ndarray:
        """All frames of one clip, uint8 ``[L, size, size, 3]``, or its features, float32 ``[L, C]``."""

    def look_like_flow(self) -> bool:
        """Whether a few clips, of pictures, all look like optical flow by their colours."""
        from atm_gcn.media.optical_flow import looks_like_flow

        places = np.linspace(0, len(self) - 1, min(_LOOKED_AT, len(self))).round().astype(int).tolist()
        return all(looks_like_flow(self.read(place)) for place in places)

    def item(self, index: int, window: int, view: View | None = None) -> "Data":
        """One clip as the models' input.

        Args:
            index: Of the clip.
            window: w, neighbours on each side in the graph (Eq. 3).
            view: Of a clip that has optical flow, ``"frames"`` leaves the flow out and ``"flow"`` the frames.
        """

    def located(self, index: int) -> "tuple[ClipStore, int]":
        """The store that reads a clip from its own files, and the clip's index in it."""
        return self, index

    def __len__(self) -> int:
        return len(self.clips)


class SelectedClips(ClipStore):
    """Some of the clips of a store, without copies of their frames.

    Args:
        store: The store.
        positions: Of the clips, ascending.
    """

    def __init__(self, store: ClipStore, positions: Sequence[int]) -> None:
        self._store, self._positions = store, list(positions)
        self.path, self.classes = store.path, store.classes
        self.clips = [store.clips[position] for position in self._positions]
        self.fix, self.same_fix, self.settings_fix = store.fix, store.same_fix, store.settings_fix
        self.class_fix = store.class_fix

    @property
    def name(self) -> str:
        return self._store.name

    @property
    def config(self) -> DataConfig:
        return self._store.config

    @property
    def checksum(self) -> str:
        text = f"{self._store.checksum} {' '.join(map(str, self._positions))}"
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def frame_size(self) -> int | None:
        return self._store.frame_size

    def input_size(self, view: View) -> int | None:
        return self._store.input_size(view)

    @property
    def model_settings(self) -> dict[str, Any]:
        return self._store.model_settings

    @property
    def has_flow(self) -> bool:
        return getattr(self._store, "has_flow", False)

    @property
    def has_landmarks(self) -> bool:
        return getattr(self._store, "has_landmarks", False)

    @property
    def has_depth(self) -> bool:
        return getattr(self._store, "has_depth", False)

    def located(self, index: int) -> tuple[ClipStore, int]:
        return self._store.located(self._positions[index])

    def read(self, index: int) -> np.ndarray:
        return self._store.read(self._positions[index])

    def item(self, index: int, window: int, view: View | None = None) -> "Data":
        return self._store.item(self._positions[index], window, *([] if view is None else [view]))


class PictureStore(ClipStore, Protocol):
    """Clips whose frames were prepared as square pictures, with times."""

    path: Path

    @property
    def frame_size(self) -> int:
        return self.config.size

    def input_size(self, view: View) -> int:
        return self.config.flow_pixels if view == "flow" else self.frame_size

    def seconds(self, index: int) -> np.ndarray:
        """When the frames of one clip are shown in its recording, float64 ``[L]``."""

    def positions(self, index: int) -> np.ndarray:
        """Positions of the frames of one clip in time, in frames at its rate, float64 ``[L]``; the first is 1."""

    def flow(self, index: int) -> np.ndarray:
        """Optical flow and strain of the frames of one clip against its onset, ``[L, h, w, 3]``; zero for the onset."""

    def landmarks(self, index: int) -> np.ndarray | None:
        """Where :data:`~atm_gcn.media.faces.LANDMARKS` lie in the pictures of one clip, in units of their side.

        float64 ``[5, 2]``; None if the clip has none.
        """
        return None

    def depth(self, index: int) -> np.ndarray:
        """Depth of the frames of one clip, uint16 ``[L, H, W]``, 0 where nothing was measured."""

    def item(self, index: int, window: int, view: View | None = None) -> "Data":
        from atm_gcn.data.store.clip_data import depth_tensor, flow_tensor, landmarks_tensor, picture_data

        stored = self.clips[index]
        label = self.classes.index(stored.clip.label)
        frames = None if self.has_flow and view == "flow" else self.read(index)
        data = picture_data(stored, label, frames, self.positions(index), window)
        if self.has_flow and view != "frames":
            data.flow = flow_tensor(self.flow(index))
        if self.has_landmarks:
            data.landmarks = landmarks_tensor(self.landmarks(index))
        if self.has_depth and view != "flow":
            data.depth = depth_tensor(self.depth(index))
        return data

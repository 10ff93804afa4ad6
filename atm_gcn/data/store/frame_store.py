"""The frame store: every frame of every clip in one memory map.

================  =================================================================================================
file              holds
================  =================================================================================================
frames.npy        uint8 ``[num_frames, size, size, 3]``, RGB, the clips one after another
times.npy         float64 ``[num_frames]``, when each frame is shown in its recording, in seconds
flow.npy          float16 ``[num_frames, flow_size, flow_size, 3]``, optical flow and strain of each frame against the
                  onset of its clip (:func:`~atm_gcn.media.optical_flow.flow_view`), zero for onsets; with ``flow``
depth.npy         uint16 ``[num_frames, size, size]``, as the camera's pictures of depth have it, mostly millimetres; 0
                  where nothing was measured; with ``depth``
registration.npy  float64 ``[num_frames, 2, 3]``, where a place of the onset lies in each frame, both in units of the
                  picture's side; with ``register``
faces.json        by clip, the face that was found (:meth:`~atm_gcn.data.clip_pictures.ClipFace.record`); with ``face``
manifest.csv      one row per clip: the columns of :mod:`~atm_gcn.data.manifest` and those of
                  :class:`~atm_gcn.data.store.stored_clips.StoredClip`
meta.json         format version, settings, class names, counts, clips left out, uncropped and unregistered; a checksum
                  of clips and settings, and one of these and the recordings' frames; digests of the small files and of
                  meta.json's other entries
================  =================================================================================================

The digests are compared whenever a store is opened, those of the frames by :meth:`FrameStore.check_frames`.
"""

import hashlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.manifest import FILE_NAME
from atm_gcn.data.store.array_file import ArrayFile, mapped
from atm_gcn.data.store.clip_store import PictureStore
from atm_gcn.data.store.meta import (
    DEPTH,
    DIGESTS,
    FACES,
    FIX,
    FLOW,
    META,
    REGISTRATION,
    WITHOUT_TIMES,
    files_of,
    read_meta,
)
from atm_gcn.data.store.stored_clips import StoredClip, read_stored_clips
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import file_digest, read_json
from atm_gcn.files.refusals import refuse_special
from atm_gcn.media.timing import positions_of
from atm_gcn.terminal.progress import track

FRAMES, TIMES = "frames.npy", "times.npy"
LONGEST_HEADER = 4096  # bytes of an array file before its values


class FrameStore(PictureStore):
    """A finished frame store, opened for reading by :meth:`open`.

    Clips are read from the files on demand.

    Attributes:
        path: The store's folder.
        meta: Content of ``meta.json``.
        clips: Every :class:`StoredClip`, in the order of the manifest.
        classes: The labels in the order of the logits.
    """

    def __init__(self, path: Path, meta: dict[str, Any], clips: list[StoredClip]) -> None:
        self.path = path
        self.meta = meta
        self.clips = clips
        self.classes: list[str] = meta["classes"]

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a store and check that it is whole.

        Raises:
            ATMGCNError: If a file is missing, truncated or of another format version.
        """
        path = Path(path)
        for name in (META, FILE_NAME, FRAMES, TIMES, FLOW, DEPTH, REGISTRATION, FACES):
            refuse_special(path / name)
        meta = read_meta(path)
        store = cls(path, meta, read_stored_clips(path / FILE_NAME, meta["classes"]))
        store._check_arrays()
        for name, digest in meta.get(DIGESTS, {}).items():
            if name != META and file_digest(path / name) != digest:
                raise ATMGCNError(f"{path / name}: was changed after the store was prepared; {FIX}")
        return store

    def _check_arrays(self) -> None:
        count, files = sum(stored.num_frames for stored in self.clips), files_of(self.meta)
        self._files[FRAMES].check(np.uint8, (count, self.meta["size"], self.meta["size"], 3))
        if self.times is not None and self.times.shape != (count,):
            raise ATMGCNError(f"{self.path / TIMES}: does not fit its manifest; {FIX}")
        if FLOW in files:
            side = self.config.flow_pixels
            self._files[FLOW].check(np.float16, (count, side, side, 3))
        if DEPTH in files:
            self._files[DEPTH].check(np.uint16, (count, self.meta["size"], self.meta["size"]))
        if REGISTRATION in files:
            self._files[REGISTRATION].check(np.float64, (count, 2, 3))

    @property
    def checksum(self) -> str:
        """SHA-256 of the clips, the settings and, by fingerprint, the recordings."""
        return self.meta["checksum"]

    @cached_property
    def config(self) -> DataConfig:
        """The settings that the store was prepared with."""
        return DataConfig.from_record(self.meta["config"], str(self.path / META))

    @cached_property
    def times(self) -> np.ndarray | None:
        """When each frame is shown in its recording, in seconds, float64 ``[num_frames]``; None in format 1."""
        if self.meta["format"] == WITHOUT_TIMES:
            return None
        path, count = self.path / TIMES, sum(stored.num_frames for stored in self.clips)
        if path.is_file() and path.stat().st_size > 8 * count + LONGEST_HEADER:  # checked before it is read
            raise ATMGCNError(f"{path}: does not fit its manifest; {FIX}")
        times = np.array(mapped(path))
        if times.dtype != np.float64 or not np.isfinite(times).all():
            raise ATMGCNError(f"{path}: is damaged; {FIX}")
        return times

    @cached_property
    def _files(self) -> dict[str, ArrayFile]:
        return {name: ArrayFile(self.path / name) for name in (FRAMES, FLOW, DEPTH, REGISTRATION)}

    @property
    def frames(self) -> np.memmap:
        """Memory map of all frames, uint8 ``[num_frames, size, size, 3]``; writing to it never reaches the file."""
        return self._files[FRAMES].array

    def read(self, index: int) -> np.ndarray:
        """All frames of one clip, uint8 ``[L, size, size, 3]``.

        Raises:
            ATMGCNError: If the file was cut, replaced or changed since the first clip was read.
        """
        return self._rows(FRAMES, index)

    @property
    def has_flow(self) -> bool:
        return self.config.flow != "none"

    def flow(self, index: int) -> np.ndarray:
        """Optical flow and strain of the frames of one clip against its onset, ``[L, h, w, 3]``; the onset's are zero.

        float16, u and v in percent of the picture's side, and ten times the strain; float32 in -1..1 where the
        recordings are pictures of optical flow.

        Raises:
            ATMGCNError: If the store has no optical flow.
        """
        if self.config.flow == "pictures":
            from atm_gcn.media.optical_flow import flow_from_picture

            flow = flow_from_picture(self.read(index))
            flow[0] = 0  # its picture only stands for the onset
            return flow
        if not self.has_flow:
            raise ATMGCNError(f"{self.path}: has no optical flow; prepare it with --flow dis, farneback or tvl1")
        return self._rows(FLOW, index)

    @property
    def has_depth(self) -> bool:
        return self.config.depth

    def depth(self, index: int) -> np.ndarray:
        """Depth of the frames of one clip, uint16 ``[L, size, size]``, 0 where nothing was measured.

        Raises:
            ATMGCNError: If the store has no depth.
        """
        if not self.has_depth:
            raise ATMGCNError(f"{self.path}: has no depth; prepare it with --depth")
        return self._rows(DEPTH, index)

    def registration(self, index: int) -> np.ndarray:
        """Where the head lies in every frame of one clip, float64 ``[L, 2, 3]``, the onset's the identity.

        The place (x, y) of the onset's picture, in units of its side, was at ``registration[i] @ (x, y, 1)`` in frame
        i before it was registered.

        Raises:
            ATMGCNError: If the store is not registered.
        """
        if REGISTRATION not in files_of(self.meta):
            raise ATMGCNError(f"{self.path}: is not registered; prepare it with --register similarity")
        return self._rows(REGISTRATION, index)

    def face(self, index: int) -> dict[str, Any] | None:
        """What is recorded of the face of one clip; None if none was found.

        Raises:
            ATMGCNError: If the store has no record of faces.
        """
        return self._faces.get(self.clips[index].clip.key)

    @property
    def has_landmarks(self) -> bool:
        return FACES in files_of(self.meta)

    def landmarks(self, index: int) -> np.ndarray | None:
        found = self.face(index) if self.has_landmarks else None
        if found is None or found["points"] is None or found["transform"] is None:
            return None
        from atm_gcn.media.picture_transform import PictureTransform

        return PictureTransform(np.array(found["transform"])).to_picture(np.array(found["points"]))

    @cached_property
    def _faces(self) -> dict[str, Any]:
        if FACES not in files_of(self.meta):
            raise ATMGCNError(f"{self.path}: has no record of faces; prepare it with --face crop or align")
        return read_json(self.path / FACES, FIX)

    def _rows(self, name: str, index: int) -> np.ndarray:
        return self._files[name].rows(self.clips[index].first, self.clips[index].num_frames)

    def check_frames(self) -> Iterator[str]:
        """Compare every clip's frames, flow and depth with their digests; yield a sentence for each that differs."""
        for index, stored in enumerate(track(self.clips, "clips compared")):
            digests = (
                (FRAMES, "frames", stored.sha256),
                (FLOW, "optical flow", stored.flow_sha256),
                (DEPTH, "depth", stored.depth_sha256),
            )
            for name, what, digest in digests:
                if digest and frames_digest(self._rows(name, index)) != digest:
                    verb = "are not those that were" if name == FRAMES else "is not the one that was"
                    yield f"{self.path / name}: the {what} of clip {stored.clip.key} {verb} prepared"

    def seconds(self, index: int) -> np.ndarray:
        """When the frames of one clip are shown in its recording, float64 ``[L]``.

        A store of the earlier format has no times; its frames are assumed to lie evenly between onset and offset.
        """
        stored = self.clips[index]
        if self.times is not None:
            return self.times[stored.first : stored.first + stored.num_frames]
        return np.linspace(stored.clip.onset, stored.clip.offset, stored.num_frames) / stored.clip.fps

    def positions(self, index: int) -> np.ndarray:
        """Positions of the frames of one clip in time, in frames at its rate, float64 ``[L]``; the first is 1.

        In a store of the earlier format, frames are counted.
        """
        rate = self.clips[index].rate
        if rate is None:
            return np.arange(1.0, self.clips[index].num_frames + 1)
        return positions_of(self.seconds(index), rate)

    def __repr__(self) -> str:
        return f"FrameStore({str(self.path)!r}, clips={len(self)}, classes={self.classes})"

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "times"}


def frames_digest(frames: np.ndarray) -> str:
    """SHA-256 of a clip's frames, optical flow or depth, ``[L, h, w, ...]``."""
    return hashlib.sha256(np.ascontiguousarray(frames).view(np.uint8).data).hexdigest()

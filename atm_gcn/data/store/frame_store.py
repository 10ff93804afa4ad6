"""The frame store: every frame of every clip in one memory map.

=============  ====================================================================================================
file           holds
=============  ====================================================================================================
frames.npy     uint8 ``[num_frames, size, size, 3]``, RGB, the clips one after another
times.npy      float64 ``[num_frames]``, when each frame is shown in its recording, in seconds
manifest.csv   one row per clip: the columns of :mod:`~atm_gcn.data.manifest` and those of
               :class:`~atm_gcn.data.store.stored_clips.StoredClip`
meta.json      format version, settings, class names, counts, clips left out; a checksum of clips and settings,
               and one of these and the recordings' frames; digests of manifest.csv, times.npy and of meta.json's
               other entries
=============  ====================================================================================================

The digests are compared whenever a store is opened, those of the frames by :meth:`FrameStore.check_frames`.
"""

import hashlib
import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from tokenize import TokenError
from typing import Any, BinaryIO, Self

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.manifest import FILE_NAME
from atm_gcn.data.store.clip_store import PictureStore
from atm_gcn.data.store.meta import DIGESTS, FIX, META, WITHOUT_TIMES, read_meta
from atm_gcn.data.store.stored_clips import StoredClip, read_stored_clips
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import file_digest
from atm_gcn.files.refusals import refuse_special
from atm_gcn.media.timing import positions_of
from atm_gcn.terminal.progress import track

FRAMES, TIMES = "frames.npy", "times.npy"
LONGEST_HEADER = 4096  # bytes of an array file before its values


class FrameStore(PictureStore):
    """A finished frame store, opened for reading by :meth:`open`.

    Clips are read from the file on demand. A file that was cut or replaced since the store was opened raises an error,
    where a memory map would end the process with SIGBUS.

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
        for name in (META, FILE_NAME, FRAMES, TIMES):
            refuse_special(path / name)
        meta = read_meta(path)
        store = cls(path, meta, read_stored_clips(path / FILE_NAME, meta["classes"]))
        frames = store.frames
        expected = (sum(stored.num_frames for stored in store.clips), meta["size"], meta["size"], 3)
        if frames.shape != expected or frames.dtype != np.uint8:
            raise ATMGCNError(
                f"{path / FRAMES}: holds {frames.dtype} {list(frames.shape)} where its manifest needs uint8 "
                f"{list(expected)}; {FIX}"
            )
        if (path / FRAMES).stat().st_size != store._layout[0] + frames.nbytes:
            raise ATMGCNError(f"{path / FRAMES}: holds more than its frames; {FIX}")
        if store.times is not None and store.times.shape != expected[:1]:
            raise ATMGCNError(f"{path / TIMES}: does not fit its manifest; {FIX}")
        for name, digest in meta.get(DIGESTS, {}).items():
            if name != META and file_digest(path / name) != digest:
                raise ATMGCNError(f"{path / name}: was changed after the store was prepared; {FIX}")
        return store

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
        times = np.array(_mapped(path))
        if times.dtype != np.float64 or not np.isfinite(times).all():
            raise ATMGCNError(f"{path}: is damaged; {FIX}")
        return times

    @cached_property
    def frames(self) -> np.memmap:
        """Memory map of all frames, uint8 ``[num_frames, size, size, 3]``; writing to it never reaches the file."""
        return _mapped(self.path / FRAMES)

    def read(self, index: int) -> np.ndarray:
        """All frames of one clip, uint8 ``[L, size, size, 3]``.

        Raises:
            ATMGCNError: If the file was cut, replaced or changed since the first clip was read.
        """
        stored, path, (start, shape, opened) = self.clips[index], self.path / FRAMES, self._layout
        rows = np.empty((stored.num_frames, *shape[1:]), np.uint8)
        try:
            with path.open("rb") as file:
                if _identity(file) != opened:
                    raise ATMGCNError(f"{path}: was changed while it was in use; {FIX}")
                file.seek(start + stored.first * rows[0].nbytes)
                if file.readinto(rows.data) < rows.nbytes:
                    raise ATMGCNError(f"{path}: was cut while it was in use; {FIX}")
        except OSError as error:
            raise ATMGCNError(f"{path}: cannot be read ({error.strerror}); {FIX}") from error
        return rows

    @cached_property
    def _layout(self) -> tuple[int, tuple[int, ...], tuple[int, int, int]]:
        """Where the frames begin in their file, their shape, and which file it is."""
        path = self.path / FRAMES
        with path.open("rb") as file:
            frames = self.frames
            return frames.offset, frames.shape, _identity(file)

    def check_frames(self) -> Iterator[str]:
        """Compare every clip's frames with their digest, and yield a sentence per clip that differs."""
        for index, stored in enumerate(track(self.clips, "clips compared")):
            if stored.sha256 and frames_digest(self.read(index)) != stored.sha256:
                yield f"{self.path / FRAMES}: the frames of clip {stored.clip.key} are not those that were prepared"

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
        return {key: value for key, value in self.__dict__.items() if key not in ("frames", "times", "_layout")}


def frames_digest(frames: np.ndarray) -> str:
    """SHA-256 of a clip's frames, uint8 ``[L, size, size, 3]``."""
    return hashlib.sha256(np.ascontiguousarray(frames).data).hexdigest()


def _mapped(path: Path) -> np.memmap:
    """Memory map of an array file; writing to it never reaches the file."""
    try:
        try:
            return np.lib.format.open_memmap(path, mode="c")
        except OSError:  # systems that reserve memory for private pages refuse to map more than they have
            return np.lib.format.open_memmap(path, mode="r")
    except FileNotFoundError as error:
        raise ATMGCNError(f"{path}: is missing; {FIX}") from error
    except (OSError, ValueError, EOFError, OverflowError, SyntaxError, TokenError) as error:  # of numpy's header reader
        raise ATMGCNError(f"{path}: is truncated or no array ({error}); {FIX}") from error


def _identity(file: BinaryIO) -> tuple[int, int, int]:
    status = os.fstat(file.fileno())
    return status.st_ino, status.st_size, status.st_mtime_ns

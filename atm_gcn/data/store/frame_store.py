"""The frame store: every frame of every clip, ready to be read, in one memory map.

=============  ====================================================================================================
file           holds
=============  ====================================================================================================
frames.npy     uint8 ``[num_frames, size, size, 3]``, RGB, the clips one after another
times.npy      float64 ``[num_frames]``, when each frame is shown in its recording, in seconds
manifest.csv   one row a clip: the columns of :mod:`~atm_gcn.data.manifest` and those of :class:`StoredClip`
meta.json      format version, settings, class names, counts, clips left out, two checksums: that of the clips
               and the settings, and that of these and the frames as they lay on disk; and the digests of
               manifest.csv, times.npy and of meta.json's other entries
=============  ====================================================================================================

The digests are compared whenever a store is opened, those of the frames by :meth:`FrameStore.check_frames`.
"""

import hashlib
import json
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from tokenize import TokenError
from typing import Any, BinaryIO, Self

import numpy as np

from atm_gcn.config import DECISIONS, DataConfig
from atm_gcn.data.clip import Clip
from atm_gcn.data.manifest import (
    COLUMNS,
    FILE_NAME,
    OPTIONAL_COLUMNS,
    cells_from_clip,
    clip_from_cells,
    read_table,
    write_table,
)
from atm_gcn.data.store.meta import DIGESTS, FIX, FORMAT_VERSION, META, WITHOUT_TIMES, read_meta
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import file_digest
from atm_gcn.files.refusals import refuse_special
from atm_gcn.media.timing import positions_of

FRAMES, TIMES = "frames.npy", "times.npy"
PLACE_COLUMNS = ("first", "num_frames", "apex_position", "apex_source")
LONGEST_HEADER = 4096  # bytes of an array file before its values
OPTIONAL_PLACE_COLUMNS = ("rate", "recording", "sha256")


@dataclass(frozen=True)
class StoredClip:
    """A clip and its place in the store.

    Args:
        clip: The clip as annotated.
        first: Row of its onset frame in ``frames.npy``.
        num_frames: Frames L of the clip, at least 2.
        apex_position: The apex frame's 0-based position among them, at least 1.
        apex_source: ``"annotated"``, ``"max-motion"`` or ``"middle"``.
        rate: Frames per second in which positions in time count; None in a store without times.
        recording: :func:`~atm_gcn.data.recordings.recording_digest` of its source; empty where it is not known.
        sha256: Digest of its frames; empty in a store of a version that recorded none.
    """

    clip: Clip
    first: int
    num_frames: int
    apex_position: int
    apex_source: str
    rate: float | None = None
    recording: str = ""
    sha256: str = ""


class FrameStore:
    """A finished frame store, opened for reading by :meth:`open`.

    Clips are read from the file as they are asked for. A file that was cut or replaced since the store was opened is an
    error, where a memory map would end the process with SIGBUS.

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
        store = cls(path, meta, _read_clips(path / FILE_NAME, meta["classes"]))
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

    @cached_property
    def times(self) -> np.ndarray | None:
        """When each frame is shown in its recording, in seconds, float64 ``[num_frames]``; None in an old store."""
        if self.meta["format"] == WITHOUT_TIMES:
            return None
        path, count = self.path / TIMES, sum(stored.num_frames for stored in self.clips)
        if path.is_file() and path.stat().st_size > 8 * count + LONGEST_HEADER:  # before it is read, were it huge
            raise ATMGCNError(f"{path}: does not fit its manifest; {FIX}")
        times = np.array(_mapped(path))  # of a small file
        if times.dtype != np.float64 or not np.isfinite(times).all():
            raise ATMGCNError(f"{path}: is damaged; {FIX}")
        return times

    @cached_property
    def frames(self) -> np.ndarray:
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
                if file.readinto(rows) < rows.nbytes:
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
        """Compare every clip's frames with their digest, and yield what is wrong, a sentence per clip."""
        for index, stored in enumerate(self.clips):
            if stored.sha256 and frames_digest(self.read(index)) != stored.sha256:
                yield f"{self.path / FRAMES}: the frames of clip {stored.clip.key} are not those that were prepared"

    def seconds(self, index: int) -> np.ndarray:
        """When the frames of one clip are shown in its recording, float64 ``[L]``.

        A store of the earlier format does not tell; its frames are taken to lie evenly between onset and offset.
        """
        stored = self.clips[index]
        if self.times is not None:
            return self.times[stored.first : stored.first + stored.num_frames]
        return np.linspace(stored.clip.onset, stored.clip.offset, stored.num_frames) / stored.clip.fps

    def positions(self, index: int) -> np.ndarray:
        """Where the frames of one clip stand in time, in frames at its rate, float64 ``[L]``; the first is 1.

        In a store of the earlier format, frames are counted.
        """
        rate = self.clips[index].rate
        if rate is None:
            return np.arange(1.0, self.clips[index].num_frames + 1)
        return positions_of(self.seconds(index), rate)

    @property
    def subjects(self) -> list[str]:
        """The key of every subject, in the order of first occurrence."""
        return list(dict.fromkeys(stored.clip.subject_key for stored in self.clips))

    def __len__(self) -> int:
        return len(self.clips)

    def __repr__(self) -> str:
        return f"FrameStore({str(self.path)!r}, clips={len(self)}, classes={self.classes})"

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key not in ("frames", "times", "_layout")}


def frames_digest(frames: np.ndarray) -> str:
    """SHA-256 of a clip's frames, uint8 ``[L, size, size, 3]``."""
    return hashlib.sha256(np.ascontiguousarray(frames)).hexdigest()


def manifest_checksum(clips: Sequence[Clip], config: DataConfig) -> str:
    """SHA-256 of the clips and the settings. Where the clips lie is no part of it, so that a tree can be moved."""
    rows = [asdict(clip) | {"source": ""} for clip in clips]
    made = {key for key in DECISIONS if getattr(config, key) != DataConfig.model_fields[key].default}
    settings = config.model_dump(mode="json", exclude=DECISIONS.keys() - made)  # stores made before these settings
    content = json.dumps([FORMAT_VERSION, settings, rows], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def write_clips(path: Path, clips: Sequence[StoredClip]) -> None:
    """Write the store's ``manifest.csv``; its sources are absolute unless they lie in the store's own folder."""
    rows = (
        cells_from_clip(stored.clip, path.parent.absolute())
        | {column: str(getattr(stored, column)) for column in (*PLACE_COLUMNS, "recording", "sha256")}
        | {"rate": f"{stored.rate:.10g}"}
        for stored in clips
    )
    write_table(path, COLUMNS + OPTIONAL_COLUMNS + OPTIONAL_PLACE_COLUMNS + PLACE_COLUMNS, rows)


def _read_clips(path: Path, classes: Sequence[str]) -> list[StoredClip]:
    clips: list[StoredClip] = []
    first = 0
    for row, cells in read_table(path, COLUMNS + PLACE_COLUMNS):
        where = f"{path}, row {row}"
        clip = clip_from_cells(cells, where)
        try:
            start, length, apex = (int(cells[column]) for column in PLACE_COLUMNS[:3])
            rate = float(cells["rate"]) if "rate" in cells else None
        except ValueError as error:
            raise ATMGCNError(f"{where}: is damaged ({error}); {FIX}") from error
        if start != first or not 0 < apex < length or not (rate is None or 0 < rate < math.inf):
            raise ATMGCNError(f"{where}: does not continue the row before it; {FIX}")
        if clip.label not in classes:
            raise ATMGCNError(f"{where}: has the label {clip.label!r}, which is no class of the store; {FIX}")
        texts = (cells.get(column, "") for column in ("recording", "sha256"))
        clips.append(StoredClip(clip, start, length, apex, cells["apex_source"], rate, *texts))
        first += length
    if len({stored.clip.key for stored in clips}) < len(clips) or not clips:
        raise ATMGCNError(f"{path}: holds no clip, or one twice; {FIX}")
    return clips


def _mapped(path: Path) -> np.ndarray:
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

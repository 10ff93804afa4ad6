"""The frame store: every frame of every clip, ready to be read, in one memory map.

=============  ====================================================================================================
file           holds
=============  ====================================================================================================
frames.npy     uint8 ``[num_frames, size, size, 3]``, RGB, the clips one after another
times.npy      float64 ``[num_frames]``, when each frame is shown in its recording, in seconds
manifest.csv   one row a clip: the columns of :mod:`~atm_gcn.data.manifest` and those of :class:`StoredClip`
meta.json      format version, settings, class names, counts, clips left out, and two checksums: that of the clips
               and the settings, and that of these and the frames as they lay on disk
=============  ====================================================================================================
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np

from atm_gcn.config import DECISIONS, DataConfig
from atm_gcn.data.clip import Clip
from atm_gcn.data.identity import normal
from atm_gcn.data.manifest import (
    COLUMNS,
    FILE_NAME,
    OPTIONAL_COLUMNS,
    cells_from_clip,
    clip_from_cells,
    read_table,
    write_table,
)
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.timing import positions_of

FORMAT_VERSION = 2
WITHOUT_TIMES = 1  # the earlier format, which is still read
FRAMES, TIMES, META = "frames.npy", "times.npy", "meta.json"
PLACE_COLUMNS = ("first", "num_frames", "apex_position", "apex_source")
OPTIONAL_PLACE_COLUMNS = ("rate", "recording")


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
    """

    clip: Clip
    first: int
    num_frames: int
    apex_position: int
    apex_source: str
    rate: float | None = None
    recording: str = ""


class FrameStore:
    """A finished frame store, opened for reading by :meth:`open`.

    The memory map is opened on first use and left behind in pickling, so worker processes share the pages of one file.

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
        meta = _read_meta(path)
        store = cls(path, meta, _read_clips(path / FILE_NAME))
        frames = store.frames
        expected = (sum(stored.num_frames for stored in store.clips), meta["size"], meta["size"], 3)
        if frames.shape != expected or frames.dtype != np.uint8:
            raise ATMGCNError(
                f"{path / FRAMES}: holds {frames.dtype} {list(frames.shape)} where its manifest needs uint8 "
                f"{list(expected)}; prepare the store again"
            )
        if store.times is not None and store.times.shape != expected[:1]:
            raise ATMGCNError(f"{path / TIMES}: does not fit its manifest; prepare the store again")
        return store

    @cached_property
    def times(self) -> np.ndarray | None:
        """When each frame is shown in its recording, in seconds, float64 ``[num_frames]``; None in an old store."""
        if self.meta["format"] == WITHOUT_TIMES:
            return None
        path = self.path / TIMES
        try:
            times = np.load(path)
        except (OSError, ValueError, EOFError) as error:
            raise ATMGCNError(f"{path}: is missing or damaged; prepare the store again") from error
        if times.dtype != np.float64 or not np.isfinite(times).all():
            raise ATMGCNError(f"{path}: is damaged; prepare the store again")
        return times

    @cached_property
    def frames(self) -> np.ndarray:
        """Memory map of all frames, uint8 ``[num_frames, size, size, 3]``; writing to it never reaches the file."""
        path = self.path / FRAMES
        try:
            return _map(path)
        except FileNotFoundError as error:
            raise ATMGCNError(f"{path}: is missing; prepare the store again") from error
        except (OSError, ValueError, EOFError) as error:
            raise ATMGCNError(f"{path}: is truncated or no array ({error}); prepare the store again") from error

    def read(self, index: int) -> np.ndarray:
        """All frames of one clip, a view ``[L, size, size, 3]`` into the memory map."""
        stored = self.clips[index]
        return self.frames[stored.first : stored.first + stored.num_frames]

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
        return {key: value for key, value in self.__dict__.items() if key not in ("frames", "times")}


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
        | {column: str(getattr(stored, column)) for column in (*PLACE_COLUMNS, "recording")}
        | {"rate": f"{stored.rate:.10g}"}
        for stored in clips
    )
    write_table(path, COLUMNS + OPTIONAL_COLUMNS + OPTIONAL_PLACE_COLUMNS + PLACE_COLUMNS, rows)


def _read_meta(path: Path) -> dict[str, Any]:
    if not (path / META).is_file():
        raise ATMGCNError(f"{path}: is no frame store, it has no {META}; make one with 'atm-gcn prepare'")
    try:
        meta = json.loads((path / META).read_text(encoding="utf-8"))
        version, size, classes = meta["format"], meta["size"], meta["classes"]
    except (ValueError, KeyError, TypeError) as error:
        raise ATMGCNError(f"{path / META}: is damaged ({error}); prepare the store again") from error
    if version not in (WITHOUT_TIMES, FORMAT_VERSION):
        raise ATMGCNError(
            f"{path}: has store format {version}, this version reads {WITHOUT_TIMES} and {FORMAT_VERSION}; "
            "prepare it again"
        )
    if not (isinstance(size, int) and isinstance(classes, list)):
        raise ATMGCNError(f"{path / META}: is damaged; prepare the store again")
    names = [normal(name) for name in classes]  # as the labels of its clips are read
    if len(set(names)) < len(names):
        raise ATMGCNError(f"{path}: has one class under two spellings ({classes!a}); prepare the store again")
    return meta | {"classes": names}


def _read_clips(path: Path) -> list[StoredClip]:
    clips: list[StoredClip] = []
    first = 0
    for row, cells in read_table(path, COLUMNS + PLACE_COLUMNS):
        where = f"{path}, row {row}"
        clip = clip_from_cells(cells, where)
        try:
            start, length, apex = (int(cells[column]) for column in PLACE_COLUMNS[:3])
            rate = float(cells["rate"]) if "rate" in cells else None
        except ValueError as error:
            raise ATMGCNError(f"{where}: is damaged ({error}); prepare the store again") from error
        if start != first or not 0 < apex < length:
            raise ATMGCNError(f"{where}: does not continue the row before it; prepare the store again")
        clips.append(StoredClip(clip, start, length, apex, cells["apex_source"], rate, cells.get("recording", "")))
        first += length
    return clips


def _map(path: Path) -> np.ndarray:
    try:
        return np.load(path, mmap_mode="c")
    except OSError:  # systems that reserve memory for private pages refuse to map more than they have
        return np.load(path, mmap_mode="r")

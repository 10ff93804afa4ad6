"""The ``manifest.csv`` of a frame store: its clips, and the place of their frames."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from atm_gcn.data.clip import Clip
from atm_gcn.data.manifest import COLUMNS, cells_from_clip, clip_from_cells, manifest_columns, read_table, write_table
from atm_gcn.data.store.meta import FIX
from atm_gcn.errors import ATMGCNError

PLACE_COLUMNS = ("first", "num_frames", "apex_position", "apex_source")
OPTIONAL_PLACE_COLUMNS = ("rate", "recording", "sha256")
VIEW_COLUMNS = ("flow_sha256", "depth_sha256")  # each of stores with optical flow or with depth


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
        flow_sha256: Digest of its optical flow; empty in a store without.
        depth_sha256: Digest of its depth; empty in a store without.
    """

    clip: Clip
    first: int
    num_frames: int
    apex_position: int
    apex_source: str
    rate: float | None = None
    recording: str = ""
    sha256: str = ""
    flow_sha256: str = ""
    depth_sha256: str = ""


def write_stored_clips(path: Path, clips: Sequence[StoredClip]) -> None:
    """Write the store's ``manifest.csv``; its sources are absolute unless they lie in the store's own folder."""
    further = tuple(column for column in VIEW_COLUMNS if any(getattr(stored, column) for stored in clips))
    rows = (
        cells_from_clip(stored.clip, path.parent.absolute())
        | {column: str(getattr(stored, column)) for column in (*PLACE_COLUMNS, "recording", "sha256", *further)}
        | {"rate": f"{stored.rate:.10g}"}
        for stored in clips
    )
    columns = manifest_columns([stored.clip for stored in clips])
    write_table(path, columns + OPTIONAL_PLACE_COLUMNS + PLACE_COLUMNS + further, rows)


def read_stored_clips(path: Path, classes: Sequence[str]) -> list[StoredClip]:
    """Read the store's ``manifest.csv``.

    Raises:
        ATMGCNError: If it is damaged, or a label is none of ``classes``.
    """
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
        texts = (cells.get(column, "") for column in ("recording", "sha256", *VIEW_COLUMNS))
        clips.append(StoredClip(clip, start, length, apex, cells["apex_source"], rate, *texts))
        first += length
    if len({stored.clip.key for stored in clips}) < len(clips) or not clips:
        raise ATMGCNError(f"{path}: holds no clip, or one twice; {FIX}")
    return clips

"""A manifest whose sources are files of precomputed features."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch_geometric.data import Data

from atm_gcn.data.clip import Clip
from atm_gcn.data.identity import normal
from atm_gcn.data.manifest import load_manifest, manifest_of
from atm_gcn.data.recordings import recording_digest
from atm_gcn.data.sequences.apex import check_apex
from atm_gcn.data.sequences.checked_item import check_item
from atm_gcn.data.sequences.feature_file import SUFFIXES, FeatureFile, has_features, read_features
from atm_gcn.data.sequences.sequence_store import SequenceStore
from atm_gcn.data.store.stored_clips import StoredClip
from atm_gcn.errors import ATMGCNError, either
from atm_gcn.media.timing import positions_of
from atm_gcn.terminal.progress import track

log = logging.getLogger(__name__)

QUALITY = ("face_id", "confidence", "success")
MOST_RATES = 2.0
"""Factor by which the frame rate of time stamps may differ from that of the manifest."""
HELD_FILES = 4
"""Files whose rows stay in memory while clips are read; clips of one file usually follow each other."""


def load_features(
    manifest: str | Path,
    classes: Sequence[str] | None = None,
    apex: str = "largest",
    columns: Sequence[str] | None = None,
) -> SequenceStore:
    """Read the clips of a manifest whose ``source`` cells name files of features.

    The rows of a clip are those from its onset to its offset. Frame numbers are row numbers, counted from 0, unless the
    file has them in ``frame``. The row of the onset is no node, as the onset frame of a recording is none; a clip of L
    rows has L - 1 nodes. Columns with names are joined by name, in the order of the first file.
    :mod:`~atm_gcn.data.sequences.feature_file` describes the files.

    Args:
        manifest: The file, or a folder with a ``manifest.csv``; see :mod:`atm_gcn.data.manifest`.
        classes: The labels in the order of the logits; by default those that occur, sorted.
        apex: The global node of clips without an annotated apex: ``"largest"``, the row with the largest norm,
            ``"middle"``, or ``"first"``, the row after the onset. With ``"none"``, no clip has a global node.
        columns: Of ``.csv`` and ``.parquet`` files, names of the columns that are features, or patterns such as
            ``"AU*_r"``; by default all that are not times or frame numbers.

    Raises:
        ATMGCNError: If the manifest or a file is invalid, a clip's rows are not in its file, hold NaN or infinity, or
            have another width or other column names than those of the first clip.
    """
    check_apex(apex)
    if isinstance(columns, str):
        raise ATMGCNError(f"columns must be a list of names, [{columns!r}], not a text")
    chosen = None if columns is None else tuple(columns)
    path = manifest_of(Path(manifest))
    clips = load_manifest(path)
    names = sorted({clip.label for clip in clips}) if classes is None else [normal(name) for name in classes]
    items, checked, stored, first = [], [], [], 0
    leading: FeatureFile | None = None
    files, digest_of = lru_cache(HELD_FILES)(read_features), lru_cache(HELD_FILES)(recording_digest)
    for clip in track(clips, "features read"):
        if not has_features(clip.source):
            raise ATMGCNError(f"{path}: clip {clip.key}: {clip.source} is no {either(SUFFIXES)} file of features")
        if clip.view == "flow":
            raise ATMGCNError(
                f"{path}: clip {clip.key}: its view is flow, of pictures, and its source holds features; leave the "
                "column view empty"
            )
        if clip.label not in names:
            raise ATMGCNError(f"{path}: clip {clip.key}: its label {clip.label!r} is none of {', '.join(names)}")
        file = files(clip.source, chosen)
        if leading is None:
            leading = replace(file, rows=file.rows[:0])  # its names; the rows are not kept
            _warn_of_quality(leading, chosen)
        data, source = clip_rows(clip, file.arranged_like(leading), apex)
        items.append(data)
        checked.append(check_item(data, f"{path}: clip {clip.key}", apex))
        node = checked[-1].global_node
        length, position = len(data.x) + 1, 0 if node is None else node + 1
        stored.append(StoredClip(clip, first, length, position, source, clip.fps, digest_of(clip.source)))
        first += length
    return SequenceStore(items, checked, stored, names, path)


def _warn_of_quality(file: FeatureFile, chosen: Sequence[str] | None) -> None:
    """Log the columns in which OpenFace says how well it tracked a face, if they became features by default."""
    found = [name for name in file.columns if name in QUALITY]
    if found and chosen is None:
        log.warning(
            "%s: %s are features like all other columns; choose those that are with load_features(manifest, "
            "columns=[...]), or leave them out of the files",
            file.path,
            ", ".join(found),
        )


def clip_rows(clip: Clip, file: FeatureFile, apex: str) -> tuple[Data, str]:
    """The rows of a clip after its onset, and how its apex was chosen."""
    where = f"{file.path}, clip {clip.key}"
    for name in ("onset", "offset", "apex"):
        number = getattr(clip, name)
        if number is not None and number not in file.numbers:
            raise ATMGCNError(
                f"{where}: has no row of its {name}, {number}; its {len(file.numbers)} rows are {file.numbers[0]} to "
                f"{file.numbers[-1]}"
            )
    own = slice(*np.searchsorted(file.numbers, [clip.onset, clip.offset + 1]))
    numbers, rows = file.numbers[own], file.rows[own]
    if len(rows) < 2:
        raise ATMGCNError(f"{where}: has one row only; it needs two, the onset's and another")
    bad = np.argwhere(~np.isfinite(rows))
    if len(bad):
        row, column = (int(place) for place in bad[0])
        raise ATMGCNError(
            f"{where}: row {numbers[row]}, {file.column(column)} is NaN or infinite; fill it in, or leave the row out"
        )
    with np.errstate(over="ignore"):
        x = torch.from_numpy(rows[1:].astype(np.float32))
    if not x.isfinite().all():
        raise ATMGCNError(f"{where}: holds values beyond float32; scale the features")
    data = Data(x=x, pos=torch.from_numpy(_positions(clip, file, own)[1:].astype(np.float32)))
    if apex == "none" or clip.apex is None or clip.apex == clip.onset:
        return data, apex
    data.global_index = torch.tensor([int(np.searchsorted(numbers, clip.apex)) - 1])
    return data, "annotated"


def _check_rate(clip: Clip, file: FeatureFile, seconds: np.ndarray, numbers: np.ndarray) -> None:
    """Raise an :class:`ATMGCNError` if the times of a clip's rows contradict its frame rate."""
    rate = 1 / float(np.median(np.diff(seconds) / np.diff(numbers)))
    if 1 / MOST_RATES <= rate / clip.fps <= MOST_RATES:
        return
    fix = (
        "write seconds instead of milliseconds"
        if 0.5 < rate * 1000 / clip.fps < MOST_RATES
        else "correct one of the two, or number the rows by frames of the recording in a column frame"
    )
    raise ATMGCNError(
        f"{file.path}, clip {clip.key}: its times give {rate:.4g} frames per second, and fps of the manifest is "
        f"{clip.fps:g}; {fix}"
    )


def _positions(clip: Clip, file: FeatureFile, own: slice) -> np.ndarray:
    """Positions of a clip's rows in time, in frames; that of the onset is 1."""
    if file.seconds is not None:
        seconds = file.seconds[own]
        _check_rate(clip, file, seconds, file.numbers[own])
        return positions_of(seconds, clip.fps)
    counted = file.numbers if file.pos is None else file.pos
    return 1.0 + counted[own] - counted[own][0]

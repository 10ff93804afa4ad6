"""A dataset as it lies on disk: its table joined with its folders of frames."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from atm_gcn.config import DataConfig
from atm_gcn.data.annotations.frame_check import fit_to_frames
from atm_gcn.data.annotations.layout import FrameTree, find_frames
from atm_gcn.data.annotations.locate import tables_in
from atm_gcn.data.annotations.read import read_rows
from atm_gcn.data.annotations.rows.frame_order import Note
from atm_gcn.data.annotations.rows.result import Reading
from atm_gcn.data.annotations.rows.row import SMIC_EMOTIONS
from atm_gcn.data.annotations.rows.similar_ids import decide_ids
from atm_gcn.data.annotations.spec import SPECS
from atm_gcn.data.clip import Clip, Problem
from atm_gcn.data.clip_frames import rate_contradiction
from atm_gcn.data.labels import DEFAULT_SCHEMES, apply_scheme
from atm_gcn.data.recordings import shared_recordings
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.frame_source import FrameSource, open_source

NO_CLASS = "has no class under"
"""Followed by the scheme, the end of the problem of a clip that a label scheme leaves out."""


def dataset_clips(
    dataset: str, root: str | Path, scheme: str | None = None, config: DataConfig | None = None
) -> tuple[list[Clip], list[Problem]]:
    """The clips of a dataset with their class and their folder of frames.

    Args:
        dataset: One of :data:`atm_gcn.data.annotations.DATASETS`.
        root: The folder that holds the table and, anywhere below, the frames as they were handed out; or a manifest.
        scheme: A label scheme; by default the one of :data:`atm_gcn.data.labels.DEFAULT_SCHEMES`. A manifest has its
            own labels.
        config: What is decided about ids that look alike and about recordings of several subjects.

    Returns:
        The clips that can be used, every frame from onset to offset there, ``label`` and ``source`` set; and the
        problems. A clip that the scheme leaves out or that lacks its frames is a problem with action ``"dropped"``.
        Where not one source of a manifest is there, its clips come as annotated: their frame store may be finished.

    Raises:
        ATMGCNError: If the table or the frames cannot be found or read, or the scheme is of another dataset.
    """
    config = config or DataConfig()
    if dataset == "manifest" and scheme is not None:
        raise ATMGCNError(f"a manifest has its own labels: leave the label scheme {scheme} out")
    scheme = scheme or DEFAULT_SCHEMES.get(dataset)
    annotated = decide_ids(read_dataset(dataset, Path(root)), config)
    sources = (clip.source for clip in annotated.clips.values())
    # Path.exists raises where a name is too long.
    if dataset == "manifest" and not any(map(os.path.exists, sources)):
        return list(annotated.clips.values()), annotated.problems
    located = with_frames(dataset, Path(root), annotated, config)
    problems = annotated.problems + compare_recordings(located, config)
    if dataset == "manifest":
        return list(located.clips.values()), problems + located.problems
    labelled, left_out = apply_scheme(located.clips.values(), scheme)
    for clip in left_out:
        note = Note(f"emotion {clip.emotion!r} {NO_CLASS} {scheme}", "dropped")
        located.note(located.row_of(clip.key), clip.key, note)
    return labelled, problems + located.problems


def read_dataset(dataset: str, root: Path) -> Reading:
    """The table under ``root``; SMIC's folders tell all that its table does, so that it may be absent."""
    if dataset == "smic" and root.is_dir() and not tables_in(root, SPECS["smic"].table):
        return _smic_of_folders(root)
    return read_rows(dataset, root)


def with_frames(dataset: str, root: Path, annotated: Reading, config: DataConfig) -> Reading:
    """The clips of which the frames are there, with ``source`` set, and the problems found on the way.

    Args:
        dataset: One of :data:`atm_gcn.data.annotations.DATASETS`.
        root: The folder that holds the frames.
        annotated: The clips.
        config: What times a video.

    Raises:
        ATMGCNError: If there are no frames of the dataset anywhere below ``root``.
    """
    located = Reading()
    datasets = () if dataset == "manifest" else dict.fromkeys(clip.dataset for clip in annotated.clips.values())
    trees = {key: find_frames(SPECS[key], root) for key in datasets}
    for tree in trees.values():
        for other in tree.others:
            located.note(1, "", Note(f"frames are read from {tree.root}, not from {other}", "kept"))
    open_once = cache(open_source)
    for row, clip in annotated.clips.items():
        fitted, notes = _locate(clip, trees.get(clip.dataset), open_once, config)
        if fitted is not None:
            located.add(row, fitted)
        located.note(row, clip.key, *notes)
    return located


def compare_recordings(located: Reading, config: DataConfig) -> list[Problem]:
    """A problem for every clip that is of the recording of another subject's clip."""
    rows, clips = list(located.clips), list(located.clips.values())
    allowed = config.shared_recordings == "allow"
    return [
        Problem(
            row=rows[pair.second],
            clip=clips[pair.second].key,
            kind=pair.describe(clips, f"row {rows[pair.first]}", allowed),
            action="kept",
            decide="shared_recordings" if pair.overlap or not allowed else "",
        )
        for pair in shared_recordings(clips)
    ]


def _locate(
    clip: Clip, tree: FrameTree | None, open_once: Callable[[Path], FrameSource], config: DataConfig
) -> tuple[Clip | None, list[Note]]:
    path = Path(clip.source) if tree is None else tree.folder_of(clip)
    if path is None:
        return None, [Note(f"has no folder of frames below {tree.root}", "dropped")]
    try:
        source = open_once(path)
    except ATMGCNError as error:
        return None, [Note(str(error), "dropped")]
    fitted, notes = fit_to_frames(replace(clip, source=str(path.absolute())), source.numbers)
    if source.incomplete:
        notes.append(Note(f"{path} ends early: {source.incomplete} can be read", "kept"))
    contradiction = rate_contradiction(clip, source, config)
    if contradiction:
        notes.append(Note(contradiction, "kept"))
    return fitted, notes


def _smic_of_folders(root: Path) -> Reading:
    spec, reading = SPECS["smic"], Reading()
    reading.note(1, "", Note("there is no table: clips, emotions and frame numbers are those of the folders", "kept"))
    for row, (key, folder) in enumerate(sorted(find_frames(spec, root).folders.items()), start=1):
        subject, _, name = key.partition("/")
        kind = spec.name.fullmatch(name)
        if kind is None:
            reading.note(row, f"smic/{key}", Note(f"{folder} is not named like a clip", "kept"))
            continue
        try:
            numbers = open_source(folder).numbers
        except ATMGCNError as error:
            reading.note(row, f"smic/{key}", Note(str(error), "dropped"))
            continue
        onset, offset = int(numbers[0]), int(numbers[-1])
        reading.add(
            row, Clip("smic", subject, name, onset, None, offset, spec.fps, emotion=SMIC_EMOTIONS[kind[2].lower()])
        )
    return reading

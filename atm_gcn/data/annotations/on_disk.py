"""A dataset on disk: its table joined with its folders of frames."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from atm_gcn.config import DataConfig
from atm_gcn.data.annotations._rows.annotated_clips import AnnotatedClips
from atm_gcn.data.annotations._rows.note import Note
from atm_gcn.data.annotations._rows.row import SMIC_EMOTIONS
from atm_gcn.data.annotations._rows.similar_ids import resolve_similar_rows
from atm_gcn.data.annotations.frame_check import fit_to_folder, fit_to_frames
from atm_gcn.data.annotations.frame_tree import FrameTree, find_frames
from atm_gcn.data.annotations.read import read_rows
from atm_gcn.data.annotations.spec import SPECS
from atm_gcn.data.annotations.table_files import tables_in
from atm_gcn.data.clip import Clip
from atm_gcn.data.clip_frames import rate_contradiction
from atm_gcn.data.labels import DEFAULT_SCHEMES, apply_scheme, scheme_named, schemes_of
from atm_gcn.data.problem import Problem
from atm_gcn.data.recordings import shared_recordings
from atm_gcn.errors import ATMGCNError, either
from atm_gcn.media.sources import FrameSource, open_source
from atm_gcn.terminal.progress import track


def dataset_clips(
    dataset: str, root: str | Path, scheme: str | None = None, config: DataConfig | None = None
) -> tuple[list[Clip], list[Problem]]:
    """The clips of a dataset with their class and their folder of frames.

    Args:
        dataset: One of :data:`atm_gcn.data.annotations.DATASETS`.
        root: The folder that holds the table and, anywhere below, the frames as they were distributed; or a manifest.
        scheme: A label scheme; by default the one of :data:`atm_gcn.data.labels.DEFAULT_SCHEMES`. It also says which
            kinds of expressions are wanted: those by default are for micro-expressions. A manifest has its own labels,
            and all its clips are wanted.
        config: How similar ids and recordings of several subjects are treated.

    Returns:
        The clips that can be used, every frame from onset to offset there, ``label`` and ``source`` set; and the
        problems. A clip whose emotion the scheme leaves out or that lacks its frames is a problem with action
        ``"dropped"``. One problem tells how many clips are of a kind that the scheme is not for.
        If no source of a manifest exists, its clips are returned as annotated: their frame store may be finished.

    Raises:
        ATMGCNError: If the table or the frames cannot be found or read, or the scheme is of another dataset.
    """
    config = config or DataConfig()
    if dataset == "manifest" and scheme is not None:
        raise ATMGCNError(f"a manifest has its own labels: leave the label scheme {scheme} out")
    scheme = scheme or DEFAULT_SCHEMES.get(dataset)
    annotated = resolve_similar_rows(read_dataset(dataset, Path(root), scheme), config)
    sources = (clip.source for clip in annotated.clips.values())
    # Path.exists raises where a name is too long.
    if dataset == "manifest" and not any(map(os.path.exists, sources)):
        return list(annotated.clips.values()), annotated.problems
    located = locate_frames(dataset, Path(root), annotated, config)
    problems = annotated.problems + compare_recordings(located, config)
    if scheme is None:
        return list(located.clips.values()), problems + located.problems
    labelled, left_out = apply_scheme(located.clips.values(), scheme)
    rows = {clip.key: row for row, clip in located.clips.items()}
    for clip in left_out:
        note = Note("no-class", f"emotion {clip.emotion!r} has no class under {scheme}", "dropped")
        located.note(rows[clip.key], clip.key, note)
    return labelled, problems + located.problems


def read_dataset(dataset: str, root: Path, scheme: str | None = None) -> AnnotatedClips:
    """Read the table under ``root``, or for SMIC the folders, which hold the same where the table is absent.

    With a label scheme, clips of other kinds than it is for are left out, with one problem.
    """
    if dataset == "smic" and root.is_dir() and not tables_in(root, SPECS["smic"].tables):
        return _smic_of_folders(root)
    if scheme is None:
        return read_rows(dataset, root)
    kinds = scheme_named(scheme, dataset).kinds
    return _of_kinds(read_rows(dataset, root, kinds), dataset, scheme, kinds)


def _of_kinds(table: AnnotatedClips, dataset: str, scheme: str, kinds: tuple[str, ...]) -> AnnotatedClips:
    others = {row: clip for row, clip in table.clips.items() if clip.kind not in kinds}
    if not others:
        return table
    wanted = AnnotatedClips(recordings=table.recordings)
    for row, clip in table.clips.items():
        if row not in others:
            wanted.add(row, clip)
    keys = {clip.key for clip in others.values()}
    wanted.problems = [problem for problem in table.problems if problem.clip not in keys or problem.action == "dropped"]
    for kind in dict.fromkeys(clip.kind for clip in others.values()):
        number = sum(clip.kind == kind for clip in others.values())
        schemes = [name for name in schemes_of(dataset) if kind in scheme_named(name).kinds]
        text = f"{number} {kind}-expressions are left out by {scheme}; choose {either(schemes)} for them"
        wanted.note(1, "", Note("other-kind", text, "kept"))
    return wanted


def locate_frames(dataset: str, root: Path, annotated: AnnotatedClips, config: DataConfig) -> AnnotatedClips:
    """Find the frames of every clip.

    Args:
        dataset: One of :data:`atm_gcn.data.annotations.DATASETS`.
        root: The folder that holds the frames.
        annotated: The clips.
        config: Whether time stamps or ``fps`` time a video.

    Returns:
        The clips that have their frames, ``source`` set, and the problems found on the way.

    Raises:
        ATMGCNError: If there are no frames of the dataset anywhere below ``root``.
    """
    located = AnnotatedClips()
    datasets = () if dataset == "manifest" else dict.fromkeys(clip.dataset for clip in annotated.clips.values())
    trees = {key: find_frames(SPECS[key], root) for key in datasets}
    for tree in trees.values():
        for other in tree.others:
            kind = f"frames are read from {tree.root}, not from {other}"
            located.note(1, "", Note("several-frame-trees", kind, "kept"))
    open_once = cache(open_source)
    for row, clip in track(annotated.clips.items(), "recordings opened"):
        recording = annotated.recordings.get(row, "")
        fitted, notes = _locate(clip, recording, trees.get(clip.dataset), open_once, config)
        if fitted is not None:
            located.add(row, fitted)
        located.note(row, clip.key, *notes)
    return located


def compare_recordings(located: AnnotatedClips, config: DataConfig) -> list[Problem]:
    """A problem for every clip whose recording is also that of another subject's clip."""
    rows, clips = list(located.clips), list(located.clips.values())
    allowed = config.shared_recordings == "allow"
    return [
        Problem(
            code="shared-recording",
            row=rows[pair.second],
            clip=clips[pair.second].key,
            kind=pair.describe(clips, f"row {rows[pair.first]}", allowed),
            action="kept",
            decide="shared_recordings" if pair.overlap or not allowed else "",
        )
        for pair in shared_recordings(clips)
    ]


def _locate(
    clip: Clip, recording: str, tree: FrameTree | None, open_once: Callable[[Path], FrameSource], config: DataConfig
) -> tuple[Clip | None, list[Note]]:
    path = Path(clip.source)
    if tree is not None:
        folder = tree.folder_of(clip, recording)
        if folder is None:
            return None, [Note("no-frame-folder", f"has no folder of frames below {tree.root}", "dropped")]
        path = folder
    try:
        source = open_once(path)
    except ATMGCNError as error:
        return None, [Note("unreadable-recording", str(error), "dropped")]
    clip, corrected = _numbered(replace(clip, source=str(path.absolute())), path, tree, source)
    fitted, notes = fit_to_frames(clip, source.numbers)
    notes = corrected + notes
    if source.incomplete:
        notes.append(Note("cut-off", f"{path} ends early: {source.incomplete} can be read", "kept"))
    contradiction = rate_contradiction(clip, source, config)
    if contradiction:
        notes.append(Note("fps-contradicted", contradiction, "kept"))
    return fitted, notes


def _numbered(clip: Clip, path: Path, tree: FrameTree | None, source: FrameSource) -> tuple[Clip, list[Note]]:
    """The clip with the frame numbers of its source."""
    if tree is None:
        return clip, []
    if tree.spec.frames.cut_out:
        return fit_to_folder(clip, source.numbers)
    if (
        path.suffix.lower() in tree.spec.frames.videos and path.is_file()
    ):  # numbered from 0, where the table begins at 1
        apex = None if clip.apex is None else max(clip.apex - 1, 0)
        return replace(clip, onset=max(clip.onset - 1, 0), apex=apex, offset=clip.offset - 1), []
    return clip, []


def _smic_of_folders(root: Path) -> AnnotatedClips:
    spec, found = SPECS["smic"], AnnotatedClips()
    kind = "there is no table: clips, emotions and frame numbers are those of the folders"
    found.note(1, "", Note("no-table", kind, "kept"))
    for row, (key, folder) in enumerate(sorted(find_frames(spec, root).folders.items()), start=1):
        subject, _, name = key.partition("/")
        match = spec.name.fullmatch(name)
        if match is None:
            found.note(row, f"smic/{key}", Note("unusual-name", f"{folder} is not named like a clip", "kept"))
            continue
        try:
            numbers = open_source(folder).numbers
        except ATMGCNError as error:
            found.note(row, f"smic/{key}", Note("unreadable-recording", str(error), "dropped"))
            continue
        onset, offset = int(numbers[0]), int(numbers[-1])
        emotion = SMIC_EMOTIONS[match[2].lower()]
        found.add(row, Clip("smic", subject, name, onset, None, offset, spec.fps, emotion=emotion))
    return found

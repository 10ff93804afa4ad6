"""The annotation table of any dataset as clips and problems."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from atm_gcn.config import DataConfig
from atm_gcn.data.action_units.reading import read_units
from atm_gcn.data.annotations._rows.annotated_clips import AnnotatedClips
from atm_gcn.data.annotations._rows.frame_order import one_frame
from atm_gcn.data.annotations._rows.joined_emotions import join_emotions
from atm_gcn.data.annotations._rows.note import Note
from atm_gcn.data.annotations._rows.row import notes_on_units
from atm_gcn.data.annotations._rows.similar_ids import resolve_similar_rows
from atm_gcn.data.annotations._rows.table import add_clip, read_coding_table
from atm_gcn.data.annotations._spreadsheet.spelling import normal_cells
from atm_gcn.data.annotations.composite import PARTS, join, read_list
from atm_gcn.data.annotations.spec import COMPOSITE_PUBLISHED, COMPOSITE_TABLE, DATASETS, SPECS, DatasetSpec
from atm_gcn.data.annotations.table_files import find_table, group_of_tables, tables_in
from atm_gcn.data.clip import Clip
from atm_gcn.data.manifest import COLUMNS, clip_from_cells, manifest_of, read_table
from atm_gcn.data.problem import Problem
from atm_gcn.defaults import KINDS
from atm_gcn.errors import ATMGCNError


def read_annotations(
    dataset: str, path: str | Path, kinds: Sequence[str] = KINDS[:1]
) -> tuple[list[Clip], list[Problem]]:
    """Read a dataset's annotation table.

    Every row ends as a clip or as a problem whose action is ``"dropped"``; problems that are ``"repaired"`` or
    ``"kept"`` stand beside the row's clip. A problem of the table as a whole has an empty clip.

    Args:
        dataset: One of ``atm_gcn.data.annotations.DATASETS``, such as ``casme2``.
        path: The table as xlsx, xls or csv, or a folder that holds it under its published name. The composite's list
            takes its frame numbers from the three datasets' tables under the same folder; without them, onset and
            offset of its clips are 0, with a problem. SAMM Long Videos takes the emotions of its micro-expressions from
            the table of SAMM under the same folder; without it, its clips have no emotion, with a problem.
        kinds: Which kinds of expressions are wanted, ``"micro"``, ``"macro"`` or both, where a folder holds tables of
            several kinds, as that of CAS(ME)3. All rows of a table that is read are returned, whatever their kind.

    Returns:
        The clips in the order of the rows, and the problems. :attr:`Clip.kind` tells micro- from macro-expressions.

    Raises:
        ATMGCNError: If there is no such dataset, or the file is no table of it.
    """
    table = resolve_similar_rows(read_rows(dataset, Path(path), tuple(kinds)), DataConfig())
    return list(table.clips.values()), table.problems


def read_rows(dataset: str, path: Path, kinds: tuple[str, ...] = KINDS[:1]) -> AnnotatedClips:
    """As :func:`read_annotations`, the clips by their row, and ids not yet compared."""
    if dataset not in DATASETS:
        raise ATMGCNError(f"there is no dataset {dataset!r}: choose one of {', '.join(DATASETS)}")
    if dataset == "manifest":
        return _read_manifest(path)
    if dataset == "composite":
        return _read_composite(path)
    spec = SPECS[dataset]
    first, *others = group_of_tables(path, spec, kinds)
    table = read_coding_table(dataset, first)
    for other in others:
        table = _append(table, spec, read_coding_table(dataset, other), other.name)
    if spec.table.emotions_from:
        folder = path if path.is_dir() else path.parent
        return _with_emotions(table, SPECS[spec.table.emotions_from], folder, first)
    return table


def _append(table: AnnotatedClips, spec: DatasetSpec, other: AnnotatedClips, name: str) -> AnnotatedClips:
    """The clips of two tables; the rows of the other are counted on from the last one of the first."""
    last = max([*table.clips, *(problem.row for problem in table.problems)], default=0)
    for problem in other.problems:
        kind = f"{name}, row {problem.row}: {problem.kind}"
        table.problems.append(replace(problem, row=last + problem.row, kind=kind))
    for row, clip in other.clips.items():
        add_clip(table, spec, last + row, clip, [])
    return table


def _with_emotions(table: AnnotatedClips, spec: DatasetSpec, folder: Path, used: Path) -> AnnotatedClips:
    found = [path for path in tables_in(folder, spec.tables) if path != used]
    if not found:
        kind = f"no clip has an emotion: {folder} lacks the table of {spec.title}, {spec.published_table}"
        table.note(1, "", Note("no-emotions", kind, "kept"))
        return table
    if len(found) > 1:
        names = " and ".join(str(path.relative_to(folder)) for path in found[:2])
        raise ATMGCNError(f"{folder}: holds more than one annotation table of {spec.title}, {names}; keep one")
    return join_emotions(table, spec, read_coding_table(spec.key, found[0]))


def _read_composite(path: Path) -> AnnotatedClips:
    file = find_table(path, COMPOSITE_TABLE, "the composite", COMPOSITE_PUBLISHED)
    listed = read_list(file)
    folder = path if path.is_dir() else file.parent
    absent = [SPECS[dataset].title for dataset in PARTS if not tables_in(folder, SPECS[dataset].tables)]
    if absent:
        kind = f"no clip has frame numbers: {folder} lacks the table of {', '.join(absent)}"
        listed.note(1, "", Note("no-frame-numbers", kind, "kept"))
        return listed
    return join(listed, {dataset: read_rows(dataset, folder) for dataset in PARTS})


def _read_manifest(path: Path) -> AnnotatedClips:
    file = manifest_of(path)
    manifest, noted = AnnotatedClips(), set[str]()
    read = [(row, *normal_cells(cells, ("source",), noted)) for row, cells in read_table(file, COLUMNS)]
    rows = [(row, cells) for row, cells, _ in read]
    has_apex = any(cells["apex"] for _, cells in rows)
    if not rows:
        manifest.note(1, "", Note("no-rows", "the manifest has no rows below its header", "dropped"))
    elif not has_apex:
        kind = "no clip has an apex: all are left open, to be found in the frames"
        manifest.note(1, "", Note("no-apex", kind, "kept"))
    rates = Counter((cells["dataset"], _rate(cells["fps"])) for _, cells in rows)
    for row, cells, notes in read:
        where = f"{file}, row {row}"
        try:
            clip = clip_from_cells(cells, where)
        except ATMGCNError as error:
            kind = str(error).removeprefix(f"{where}: ")
            key = "/".join(cells[column] or "?" for column in ("dataset", "subject", "name"))
            manifest.note(row, key, Note("invalid-row", kind, "dropped"))
            continue
        manifest.note(row, clip.key, *notes)
        if clip.onset == clip.offset:
            manifest.note(row, clip.key, one_frame(clip.onset))
            continue
        if has_apex and clip.apex is None:
            kind = "apex is empty: left open, to be found in the frames"
            manifest.note(row, clip.key, Note("no-apex", kind, "kept"))
        manifest.note(row, clip.key, *_rare_rate(cells, rates))
        if clip.action_units:
            manifest.note(row, clip.key, *notes_on_units(clip.action_units, read_units(clip.action_units)))
        earlier = manifest.row_of(clip.key)
        if earlier is None:
            manifest.add(row, replace(clip, source=str(file.parent.absolute() / clip.source)))
        else:
            manifest.note(row, clip.key, Note("repeated-row", f"has the name of row {earlier}", "dropped"))
    _note_views(manifest)
    return manifest


def _note_views(manifest: AnnotatedClips) -> None:
    """Note the clips whose view is not that of most, or of the first if there are two of equal number."""
    views = Counter(clip.view for clip in manifest.clips.values())
    usual = max(views, key=lambda view: views[view], default="")
    for row, clip in manifest.clips.items():
        if clip.view != usual:
            kind = f"view is {clip.view}, where other rows have {usual}; prepare refuses both in one store"
            manifest.note(row, clip.key, Note("other-view", kind, "kept"))


def _rare_rate(cells: dict[str, str], rates: Counter[tuple[str, str]]) -> list[Note]:
    """A note on a frame rate that most clips of the dataset do not share, which may be wrong."""
    of_dataset = {fps: number for (dataset, fps), number in rates.items() if dataset == cells["dataset"]}
    usual = max(of_dataset, key=lambda fps: of_dataset[fps])
    if _rate(cells["fps"]) == usual or 2 * of_dataset[usual] <= sum(of_dataset.values()):
        return []
    kind = f"fps is {cells['fps']}, where most clips of {cells['dataset']} have {usual}"
    return [Note("unusual-fps", kind, "kept")]


def _rate(text: str) -> str:
    """A frame rate in one spelling: ``30`` for ``30.0``."""
    try:
        return f"{float(text):g}"
    except ValueError:
        return text

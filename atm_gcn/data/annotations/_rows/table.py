"""One dataset's coding table: every row becomes a clip, a problem, or both."""

import fnmatch
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from atm_gcn.data.annotations._rows.annotated_clips import AnnotatedClips
from atm_gcn.data.annotations._rows.folder_names import FolderNames, name_subjects, read_folder_names
from atm_gcn.data.annotations._rows.frame_order import frame_number, read_span
from atm_gcn.data.annotations._rows.note import Note
from atm_gcn.data.annotations._rows.plausibility import check_plausible
from atm_gcn.data.annotations._rows.row import (
    emotion_of_name,
    read_action_units,
    read_emotion,
    read_kind,
    read_name,
    read_subject,
)
from atm_gcn.data.annotations._spreadsheet.columns import Header, find_header
from atm_gcn.data.annotations._spreadsheet.merged_cells import cells_of
from atm_gcn.data.annotations._spreadsheet.sheet import Sheet, read_sheets
from atm_gcn.data.annotations._spreadsheet.spelling import normal_cells
from atm_gcn.data.annotations.spec import SPECS, DatasetSpec
from atm_gcn.data.clip import Clip
from atm_gcn.defaults import KINDS
from atm_gcn.errors import ATMGCNError

_MARKS = tuple(mark for spec in SPECS.values() for mark in spec.table.marks)


@dataclass(frozen=True)
class _Table:
    """What the rows of a table have in common."""

    spec: DatasetSpec
    kind: str  # of all rows, where no column says it
    spellings: Counter[str]  # of emotions
    names: FolderNames
    has_emotions: bool
    clips: AnnotatedClips = field(default_factory=AnnotatedClips)


def read_coding_table(dataset: str, path: Path) -> AnnotatedClips:
    """Read the table of one of :data:`~atm_gcn.data.annotations.spec.SPECS`.

    Raises:
        ATMGCNError: If the file is no table of that dataset.
    """
    spec = SPECS[dataset]
    sheets = read_sheets(path)
    sheet, header = _find_columns(spec, sheets, path)
    first = header.row + 1
    numbers = [index for index in range(first, len(sheet.rows)) if any(sheet.rows[index])]
    noted: set[str] = set()
    rows: dict[int, dict[str, str]] = {}
    odd: dict[int, list[Note]] = {}
    for index in numbers:
        cells, merged = cells_of(sheet, header, index)
        rows[index + 1], notes = normal_cells(cells, (), noted)
        odd[index + 1] = merged + notes
    others = [other for other in sheets if other is not sheet]
    names = read_folder_names(others) if spec.table.coded_names else FolderNames()
    if spec.table.coded_names:
        name_subjects(list(rows.values()), names, path)
    check_plausible(spec, list(rows.values()), path)
    is_macro = any(fnmatch.fnmatchcase(path.name.lower(), name) for name in spec.macro_tables)
    table = _Table(
        spec=spec,
        kind=KINDS[is_macro],
        spellings=Counter(cells.get("emotion", "") for cells in rows.values()),
        names=names,
        has_emotions="emotion" in header.columns or any(emotion_of_name(cells) for cells in rows.values()),
    )
    unread = [other.name for other in others if other.name not in names.sheets]
    table.clips.note(max(first, 1), "", *_table_notes(table, list(rows.values()), "apex" in header.columns, unread))
    for row, cells in rows.items():
        _read_row(table, row, cells, odd[row])
    table.clips.note(max(first, 1), "", *_too_many_subjects(table))
    return table.clips


def _find_columns(spec: DatasetSpec, sheets: Sequence[Sheet], path: Path) -> tuple[Sheet, Header]:
    """The sheet of the annotations and its columns."""
    layout = spec.table
    ordered = sorted(sheets, key=lambda sheet: not any(word in sheet.name.lower() for word in layout.sheets))
    try:
        sheet, header = find_header(ordered, layout.required, path, (*layout.emotion_columns, *_MARKS))
    except ATMGCNError:
        if not layout.positions or not _is_headless(sheets[0], layout.positions):
            raise
        return sheets[0], Header(-1, {name: column for column, name in enumerate(layout.positions)})
    if layout.marks and not any(name in header.columns for name in layout.marks):
        raise ATMGCNError(f"{path}: lacks a column {' or '.join(layout.marks)}; name the columns as published")
    refused = [name for name in layout.refused if name in header.columns]
    if refused:
        raise ATMGCNError(
            f"{path}: has a column for the {refused[0]}, which the table of {spec.title} has not; give that table "
            f"({spec.published_table})"
        )
    return sheet, header


def _is_headless(sheet: Sheet, positions: Sequence[str]) -> bool:
    """Whether most rows have numbers where onset and offset are."""
    rows = [row for row in sheet.rows if any(row)]
    places = [positions.index(name) for name in ("onset", "offset")]
    numbered = [
        row for row in rows if any(place < len(row) and frame_number(row[place]) is not None for place in places)
    ]
    return 2 * len(numbered) > len(rows)


def _table_notes(
    table: _Table, rows: Sequence[dict[str, str]], has_apex: bool, other_sheets: Sequence[str]
) -> list[Note]:
    notes = []
    if not rows:
        notes.append(Note("no-rows", "the table has no rows below its header", "dropped"))
    if not has_apex:
        kind = "the table has no apex column: every apex is left open, to be found in the frames"
        notes.append(Note("no-apex", kind, "kept"))
    if rows and not table.has_emotions and not table.spec.table.emotions_from:
        notes.append(Note("no-emotions", "the table has no emotion column: no clip has an emotion", "kept"))
    if other_sheets:
        kind = f"other sheets of the file are not read: {', '.join(other_sheets)}"
        notes.append(Note("unread-sheets", kind, "kept"))
    if len(rows) > 2 and all(_apex_is_middle(cells) for cells in rows):
        kind = "every apex is the middle of its clip: it was computed, not annotated"
        notes.append(Note("computed-apex", kind, "kept"))
    return notes


def _too_many_subjects(table: _Table) -> list[Note]:
    """A note on more subjects than were published, where it is not known which; the columns may be exchanged."""
    spec, found = table.spec, {clip.subject for clip in table.clips.clips.values()}
    published = spec.published.all_subjects or spec.published.subjects
    if spec.clips_of_subjects or published is None or len(found) <= published:
        return []
    kind = f"the table has {len(found)} subjects, where {published} are published: is its subject column another one?"
    return [Note("too-many-subjects", kind, "kept")]


def _apex_is_middle(cells: dict[str, str]) -> bool:
    onset, apex, offset = (frame_number(cells.get(field, "")) for field in ("onset", "apex", "offset"))
    return onset is not None and offset is not None and apex == (onset + offset) // 2


def _read_row(table: _Table, row: int, cells: dict[str, str], odd: list[Note]) -> None:
    spec = table.spec
    subject, subject_notes = read_subject(spec, cells)
    name, name_notes = read_name(spec, cells)
    kind, kind_notes = read_kind(spec, cells, table.kind)
    emotion, emotion_notes = read_emotion(spec, cells, table.spellings) if table.has_emotions else ("", [])
    span, span_notes = read_span(cells, spec.fps, kind or KINDS[0])
    action_units, unit_notes = read_action_units(spec, cells)
    notes = odd + subject_notes + name_notes + kind_notes + emotion_notes + span_notes + unit_notes
    if spec.table.named_by == "onset" and name:
        name = f"{name}_{frame_number(cells['onset']) if frame_number(cells['onset']) is not None else '?'}"
    if not (subject and name and kind and span):
        key = f"{spec.key}/{subject or cells['subject'] or '?'}/{name or '?'}"
        return table.clips.note(row, key, *notes)
    clip = Clip(
        dataset=spec.key,
        subject=subject,
        name=name,
        onset=span.onset,
        apex=span.apex,
        offset=span.offset,
        fps=spec.fps,
        emotion=emotion,
        action_units=action_units,
        kind=kind,
    )
    recording = table.names.recording_of(name)
    if recording:
        table.clips.recordings[row] = recording
    return add_clip(table.clips, spec, row, clip, notes)


def add_clip(table: AnnotatedClips, spec: DatasetSpec, row: int, clip: Clip, notes: list[Note]) -> None:
    """Add a clip unless an earlier row has it, under another name if that row has another clip of this name."""
    earlier = table.row_of(clip.key)
    if earlier is not None and spec.frames.recordings:
        clip, renamed = _rename(spec, clip, table.clips[earlier], earlier)
        notes = [*notes, *renamed]
        earlier = table.row_of(clip.key)
    if earlier is None:
        table.add(row, clip)
    else:
        notes = [*notes, Note("repeated-row", _repetition(table.clips[earlier], clip, earlier), "dropped")]
    table.note(row, clip.key, *notes)


def _rename(spec: DatasetSpec, clip: Clip, first: Clip, row: int) -> tuple[Clip, list[Note]]:
    """A name of its own for a clip whose name another movement in the same recording has."""
    if spec.table.named_by == "onset":
        if first.offset == clip.offset:
            return clip, []
        clip = replace(clip, name=f"{clip.name}_{clip.offset}")
        return clip, [Note("same-onset", f"begins with the clip of row {row}: named {clip.name}", "kept")]
    if (first.onset, first.offset) == (clip.onset, clip.offset):
        return clip, []
    clip = replace(clip, name=f"{clip.name}_{clip.onset}")
    return clip, [Note("same-name", f"has the name of the clip of row {row}: named {clip.name}", "kept")]


def _repetition(first: Clip, second: Clip, row: int) -> str:
    span_of = [(clip.onset, clip.apex, clip.offset) for clip in (first, second)]
    if span_of[0] != span_of[1]:
        return f"is the clip of row {row} with other frames: onset, apex, offset are {span_of[1]}, not {span_of[0]}"
    if first.kind != second.kind:
        return f"is the clip of row {row} as another kind of expression: {second.kind}, not {first.kind}"
    if first.emotion != second.emotion:
        return f"is the clip of row {row} with another emotion: {second.emotion!r}, not {first.emotion!r}"
    return f"repeats row {row}"

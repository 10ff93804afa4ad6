"""One dataset's coding table: every row becomes a clip, a problem, or both."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from atm_gcn.data.annotations._rows.annotated_clips import AnnotatedClips
from atm_gcn.data.annotations._rows.frame_order import frame_number, read_span
from atm_gcn.data.annotations._rows.note import Note
from atm_gcn.data.annotations._rows.plausibility import check_plausible
from atm_gcn.data.annotations._rows.row import read_action_units, read_emotion, read_name, read_subject
from atm_gcn.data.annotations._spreadsheet.columns import find_header
from atm_gcn.data.annotations._spreadsheet.merged_cells import cells_of
from atm_gcn.data.annotations._spreadsheet.sheet import read_sheets
from atm_gcn.data.annotations._spreadsheet.spelling import normal_cells
from atm_gcn.data.annotations.spec import SPECS, DatasetSpec
from atm_gcn.data.clip import Clip


def read_coding_table(dataset: str, path: Path) -> AnnotatedClips:
    """Read the table of ``casme2``, ``samm``, ``smic`` or ``casme3``.

    Raises:
        ATMGCNError: If the file is no table of that dataset.
    """
    spec = SPECS[dataset]
    required = ["subject", "name", "onset", "offset"] + ([] if dataset == "smic" else ["emotion"])
    sheets = read_sheets(path)
    sheet, header = find_header(sheets, required, path)
    first = header.row + 1
    numbers = [index for index in range(first, len(sheet.rows)) if any(sheet.rows[index])]
    noted: set[str] = set()
    rows: dict[int, dict[str, str]] = {}
    odd: dict[int, list[Note]] = {}
    for index in numbers:
        cells, merged = cells_of(sheet, header, index)
        rows[index + 1], notes = normal_cells(cells, (), noted)
        odd[index + 1] = merged + notes
    check_plausible(spec, list(rows.values()), path)
    table = AnnotatedClips()
    others = [other.name for other in sheets if other is not sheet]
    table.note(first, "", *_table_notes(list(rows.values()), "apex" in header.columns, others))
    spellings = Counter(cells.get("emotion", "") for cells in rows.values())
    for row, cells in rows.items():
        _read_row(table, spec, row, cells, spellings, odd[row])
    return table


def _table_notes(rows: Sequence[dict[str, str]], has_apex: bool, other_sheets: Sequence[str]) -> list[Note]:
    notes = []
    if not rows:
        notes.append(Note("no-rows", "the table has no rows below its header", "dropped"))
    if not has_apex:
        kind = "the table has no apex column: every apex is left open, to be found in the frames"
        notes.append(Note("no-apex", kind, "kept"))
    if other_sheets:
        kind = f"other sheets of the file are not read: {', '.join(other_sheets)}"
        notes.append(Note("unread-sheets", kind, "kept"))
    if len(rows) > 2 and all(_apex_is_middle(cells) for cells in rows):
        kind = "every apex is the middle of its clip: it was computed, not annotated"
        notes.append(Note("computed-apex", kind, "kept"))
    return notes


def _apex_is_middle(cells: dict[str, str]) -> bool:
    onset, apex, offset = (frame_number(cells.get(field, "")) for field in ("onset", "apex", "offset"))
    return onset is not None and offset is not None and apex == (onset + offset) // 2


def _read_row(
    table: AnnotatedClips, spec: DatasetSpec, row: int, cells: dict[str, str], spellings: Counter[str], odd: list[Note]
) -> None:
    subject, subject_notes = read_subject(spec, cells)
    name, name_notes = read_name(spec, cells)
    emotion, emotion_notes = read_emotion(spec, cells, spellings)
    span, span_notes = read_span(cells, spec.fps)
    notes = odd + subject_notes + name_notes + emotion_notes + span_notes + read_action_units(cells)
    if spec.key == "casme3" and name:
        name = f"{name}_{frame_number(cells['onset']) if frame_number(cells['onset']) is not None else '?'}"
    if not (subject and name and span):
        key = f"{spec.key}/{subject or cells['subject'] or '?'}/{name or '?'}"
        return table.note(row, key, *notes)
    clip = Clip(
        dataset=spec.key,
        subject=subject,
        name=name,
        onset=span.onset,
        apex=span.apex,
        offset=span.offset,
        fps=spec.fps,
        emotion=emotion,
        action_units=cells.get("action_units", ""),
    )
    return _add(table, row, clip, notes)


def _add(table: AnnotatedClips, row: int, clip: Clip, notes: list[Note]) -> None:
    """Add a clip unless an earlier row has it."""
    earlier = table.row_of(clip.key)
    if earlier is not None and clip.dataset == "casme3" and table.clips[earlier].offset != clip.offset:
        clip = replace(clip, name=f"{clip.name}_{clip.offset}")  # two movements that begin together
        notes = [*notes, Note("same-onset", f"begins with the clip of row {earlier}: named {clip.name}", "kept")]
        earlier = table.row_of(clip.key)
    if earlier is None:
        table.add(row, clip)
    else:
        notes = [*notes, Note("repeated-row", _repetition(table.clips[earlier], clip, earlier), "dropped")]
    table.note(row, clip.key, *notes)


def _repetition(first: Clip, second: Clip, row: int) -> str:
    span_of = [(clip.onset, clip.apex, clip.offset) for clip in (first, second)]
    if span_of[0] != span_of[1]:
        return f"is the clip of row {row} with other frames: onset, apex, offset are {span_of[1]}, not {span_of[0]}"
    if first.emotion != second.emotion:
        return f"is the clip of row {row} with another emotion: {second.emotion!r}, not {first.emotion!r}"
    return f"repeats row {row}"

"""The MEGC 2019 composite: a published list of clips and classes, joined with the tables of its three datasets."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from atm_gcn.data.annotations.rows.frame_order import Note
from atm_gcn.data.annotations.rows.result import Reading
from atm_gcn.data.annotations.spec import SPECS
from atm_gcn.data.annotations.spreadsheet.columns import Header
from atm_gcn.data.annotations.spreadsheet.merged_cells import cells_of
from atm_gcn.data.annotations.spreadsheet.sheet import read_sheets
from atm_gcn.data.clip import Clip, Problem
from atm_gcn.data.identity import normal
from atm_gcn.data.labels import COMPOSITE_CLASSES, SCHEMES
from atm_gcn.errors import ATMGCNError

PARTS = ("casme2", "samm", "smic")
"""The datasets that the composite is made of."""

_SPELLINGS = {"casme2": "casme2", "casmeii": "casme2", "samm": "samm", "smic": "smic", "smichs": "smic"}
_COLUMNS = Header(-1, {"dataset": 0, "subject": 1, "name": 2, "label": 3})
_ENOUGH = 10


def read_list(path: Path) -> Reading:
    """Read the published list: dataset, subject, clip, class (0 negative, 1 positive, 2 surprise); no header.

    Its clips have a class and no frame numbers: onset and offset are 0 until :func:`join` fills them in.

    Raises:
        ATMGCNError: If the file is no such list.
    """
    reading, sheet = Reading(), read_sheets(path)[0]
    rows = {index + 1: cells_of(sheet, _COLUMNS, index) for index, cells in enumerate(sheet.rows) if any(cells)}
    for row, (fields, merged) in rows.items():
        written = sheet.rows[row - 1]
        cells = [*list(fields.values())[: len(written)], *written[len(fields) :]]
        if row == 1 and {"dataset", "subject"} & {cell.casefold() for cell in cells}:
            continue  # some copies have a header
        _read_row(reading, row, cells, merged)
    if not reading.clips or (len(rows) >= _ENOUGH and 2 * len(reading.clips) < len(rows)):
        first = reading.problems[0]
        raise ATMGCNError(
            f"{path}: is not the composite's list of dataset,subject,clip,class: in row {first.row}, {first.kind}"
        )
    return reading


def _read_row(reading: Reading, row: int, cells: list[str], merged: list[Note]) -> None:
    written = ",".join(cells)
    dataset, subject, name, label = (normal(cell) for cell in [*cells, "", "", "", ""][:4])
    spec = SPECS.get(_SPELLINGS.get(re.sub(r"[^a-z0-9]", "", dataset.casefold()), ""))
    if spec is None:
        return reading.note(row, written, Note(f"dataset is {dataset!r}, not one of {', '.join(PARTS)}", "dropped"))
    subject_id, clip_name = spec.subject_id(subject) or spec.subject_of(name), spec.clip_name(name)
    if not (subject_id and clip_name):
        kind = f"subject {subject!r} and clip {name!r} are none of {spec.title}"
        return reading.note(row, written, Note(kind, "dropped"))
    classes = dict(zip("012", COMPOSITE_CLASSES, strict=True)) | {name: name for name in COMPOSITE_CLASSES}
    key = f"{spec.key}/{subject_id}/{clip_name}"
    if label.casefold() not in classes:
        return reading.note(row, key, Note(f"class is {label!r}, not 0, 1 or 2", "dropped"))
    if reading.row_of(key) is not None:
        return reading.note(row, key, Note(f"repeats row {reading.row_of(key)}", "dropped"))
    reading.note(row, key, *merged)
    if not spec.subject_id(subject):
        reading.note(row, key, Note(f"subject is {subject!r}: read {subject_id} from the clip's name", "repaired"))
    label = classes[label.casefold()]
    reading.add(row, Clip(spec.key, subject_id, clip_name, 0, None, 0, spec.fps, emotion=label, label=label))
    return None


def join(listed: Reading, tables: Mapping[str, Reading]) -> Reading:
    """Fill the frame numbers and emotions of listed clips in from the tables of their datasets.

    Args:
        listed: What :func:`read_list` gave.
        tables: What the coding tables gave, by dataset.

    Returns:
        The listed clips by their row in the list. Whom a table lacks is a dropped problem; the problems that the
        tables have with listed clips follow those of the list, and say whose table they mean.
    """
    joined = Reading(problems=list(listed.problems))
    for row, clip in listed.clips.items():
        table = tables[clip.dataset]
        found = table.row_of(clip.key)
        if found is None:
            joined.note(row, clip.key, Note(_unmatched(clip, table), "dropped"))
            continue
        full = replace(table.clips[found], label=clip.label)
        joined.add(row, full)
        mapped = SCHEMES[f"{clip.dataset}-3"].label(full)
        if mapped != clip.label:
            kind = f"the list says {clip.label}, but {full.emotion!r} is {mapped or 'of no class'} by the mapping"
            joined.note(row, clip.key, Note(kind, "kept"))
    keys = [clip.key for clip in listed.clips.values()]
    for dataset, table in tables.items():
        for problem in table.problems_of([*keys, ""]):
            kind = f"{dataset} table, row {problem.row}: {problem.kind}"
            row = listed.row_of(problem.clip) or 1
            joined.problems.append(Problem(row, problem.clip, kind, problem.action))
    return joined


def _unmatched(clip: Clip, table: Reading) -> str:
    why = [problem.kind for problem in table.problems if problem.clip == clip.key and problem.action == "dropped"]
    reason = f": {why[0]}" if why else ""
    return f"the {clip.dataset} table has no such clip{reason}"

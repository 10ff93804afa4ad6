"""The MEGC 2019 composite: a published list of clips and classes, joined with the tables of its three datasets."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from atm_gcn.data.annotations._rows.annotated_clips import AnnotatedClips
from atm_gcn.data.annotations._rows.note import Note
from atm_gcn.data.annotations._spreadsheet.columns import Header
from atm_gcn.data.annotations._spreadsheet.merged_cells import cells_of
from atm_gcn.data.annotations._spreadsheet.sheet import read_sheets
from atm_gcn.data.annotations.spec import SPECS
from atm_gcn.data.clip import Clip
from atm_gcn.data.identity import normal
from atm_gcn.data.labels import COMPOSITE_CLASSES, SCHEMES
from atm_gcn.data.problem import Problem
from atm_gcn.errors import ATMGCNError

PARTS = ("casme2", "samm", "smic")
"""The datasets that the composite is made of."""

_SPELLINGS = {"casme2": "casme2", "casmeii": "casme2", "samm": "samm", "smic": "smic", "smichs": "smic"}
_COLUMNS = Header(-1, {"dataset": 0, "subject": 1, "name": 2, "label": 3})
_ENOUGH = 10


def read_list(path: Path) -> AnnotatedClips:
    """Read the published list: dataset, subject, clip, class (0 negative, 1 positive, 2 surprise); no header.

    Its clips have a class and no frame numbers: onset and offset are 0 until :func:`join` fills them in.

    Raises:
        ATMGCNError: If the file is not such a list.
    """
    listed, sheet = AnnotatedClips(), read_sheets(path)[0]
    rows = {index + 1: cells_of(sheet, _COLUMNS, index) for index, cells in enumerate(sheet.rows) if any(cells)}
    for row, (fields, merged) in rows.items():
        written = sheet.rows[row - 1]
        cells = [*list(fields.values())[: len(written)], *written[len(fields) :]]
        if row == 1 and {"dataset", "subject"} & {cell.casefold() for cell in cells}:
            continue  # some copies have a header
        _read_row(listed, row, cells, merged)
    if not listed.clips or (len(rows) >= _ENOUGH and 2 * len(listed.clips) < len(rows)):
        first = listed.problems[0]
        raise ATMGCNError(
            f"{path}: is not the composite's list of dataset,subject,clip,class: in row {first.row}, {first.kind}"
        )
    return listed


def _read_row(listed: AnnotatedClips, row: int, cells: list[str], merged: list[Note]) -> None:
    written = ",".join(cells)
    dataset, subject, name, label = (normal(cell) for cell in [*cells, "", "", "", ""][:4])
    spec = SPECS.get(_SPELLINGS.get(re.sub(r"[^a-z0-9]", "", dataset.casefold()), ""))
    if spec is None:
        kind = f"dataset is {dataset!r}, not one of {', '.join(PARTS)}"
        return listed.note(row, written, Note("unknown-dataset", kind, "dropped"))
    subject_id, clip_name = spec.subject_id(subject) or spec.subject_of(name), spec.clip_name(name)
    if not (subject_id and clip_name):
        kind = f"subject {subject!r} and clip {name!r} are none of {spec.title}"
        return listed.note(row, written, Note("unknown-clip", kind, "dropped"))
    classes = dict(zip("012", COMPOSITE_CLASSES, strict=True)) | {name: name for name in COMPOSITE_CLASSES}
    key = f"{spec.key}/{subject_id}/{clip_name}"
    if label.casefold() not in classes:
        return listed.note(row, key, Note("unknown-class", f"class is {label!r}, not 0, 1 or 2", "dropped"))
    earlier = listed.row_of(key)
    if earlier is not None:
        return listed.note(row, key, Note("repeated-row", f"repeats row {earlier}", "dropped"))
    listed.note(row, key, *merged)
    if not spec.subject_id(subject):
        kind = f"subject is {subject!r}: read {subject_id} from the clip's name"
        listed.note(row, key, Note("subject-from-name", kind, "repaired"))
    label = classes[label.casefold()]
    listed.add(row, Clip(spec.key, subject_id, clip_name, 0, None, 0, spec.fps, emotion=label, label=label))
    return None


def join(listed: AnnotatedClips, tables: Mapping[str, AnnotatedClips]) -> AnnotatedClips:
    """Fill the frame numbers and emotions of listed clips in from the tables of their datasets.

    Args:
        listed: The result of :func:`read_list`.
        tables: The coding tables, by dataset.

    Returns:
        The listed clips by their row in the list. A clip that its table lacks is a dropped problem; the problems of
        listed clips in the tables follow those of the list, and name the table.
    """
    joined = AnnotatedClips(problems=list(listed.problems))
    for row, clip in listed.clips.items():
        table = tables[clip.dataset]
        found = table.row_of(clip.key)
        if found is None:
            joined.note(row, clip.key, Note("not-in-table", _unmatched(clip, table), "dropped"))
            continue
        full = replace(table.clips[found], label=clip.label)
        joined.add(row, full)
        mapped = SCHEMES[f"{clip.dataset}-3"].label(full)
        if mapped != clip.label:
            kind = f"the list says {clip.label}, but {full.emotion!r} is {mapped or 'of no class'} by the mapping"
            joined.note(row, clip.key, Note("class-contradicted", kind, "kept"))
    keys = [clip.key for clip in listed.clips.values()]
    for dataset, table in tables.items():
        for problem in table.problems_of([*keys, ""]):
            kind = f"{dataset} table, row {problem.row}: {problem.kind}"
            row = listed.row_of(problem.clip) or 1
            joined.problems.append(Problem(problem.code, row, problem.clip, kind, problem.action))
    return joined


def _unmatched(clip: Clip, table: AnnotatedClips) -> str:
    why = [problem.kind for problem in table.problems if problem.clip == clip.key and problem.action == "dropped"]
    reason = f": {why[0]}" if why else ""
    return f"the {clip.dataset} table has no such clip{reason}"

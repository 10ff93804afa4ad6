"""Checks of a whole table: one of another dataset or with exchanged columns would be misread in every row."""

import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path

from atm_gcn.data.annotations._rows.frame_order import frame_number
from atm_gcn.data.annotations._rows.row import kind_of
from atm_gcn.data.annotations.spec import SPECS, DatasetSpec
from atm_gcn.data.labels import emotion_of
from atm_gcn.errors import ATMGCNError

_ENOUGH = 10  # rows from which a column is checked as a whole
_FRAMES = ("onset", "apex", "offset")

Rows = Sequence[dict[str, str]]


def check_plausible(spec: DatasetSpec, rows: Rows, path: Path) -> None:
    """Refuse a table whose columns, as a whole, do not match their names.

    Raises:
        ATMGCNError: Naming the other dataset, or the columns to exchange.
    """
    _check_dataset(spec, rows, path)
    if _most(_is_exchanged(spec, cells["subject"], cells.get("name", "")) for cells in rows):
        raise ATMGCNError(f"{path}: the subject and filename columns are exchanged; name them the other way round")
    if len(rows) < _ENOUGH:
        return
    _check_emotions(rows, path)
    _check_kinds(spec, rows, path)
    _check_frames(rows, path)


def _check_dataset(spec: DatasetSpec, rows: Rows, path: Path) -> None:
    if spec.table.marks or not rows:
        return
    others = [other for other in SPECS.values() if other is not spec and _looks_like(other, rows)]
    fits = {other.key: _fit(other, rows) for other in others}
    other = max(others, key=lambda other: fits[other.key], default=None)
    if other is None or (_names(spec, rows) and fits[other.key] <= _fit(spec, rows)):
        return
    raise ATMGCNError(
        f"{path}: names its clips as {other.title} does ({rows[0]['name']!r}), not as {spec.title}; "
        f"read it as dataset {other.key}"
    )


def _looks_like(spec: DatasetSpec, rows: Rows) -> bool:
    """Whether the table has a heading of the dataset or, if that has none of its own, names clips as it does."""
    return any(mark in rows[0] for mark in spec.table.marks) if spec.table.marks else _names(spec, rows)


def _is_exchanged(spec: DatasetSpec, subject: str, name: str) -> bool:
    """Whether subject and name are a name and a subject, and not the other way round."""
    is_right = spec.subject_id(subject) and spec.clip_name(name)
    return bool(spec.clip_name(subject) and spec.subject_id(name)) and not is_right


def _names(spec: DatasetSpec, rows: Rows) -> bool:
    """Whether most rows are named as the dataset names its clips."""
    return _most(spec.clip_name(cells.get("name", "")) for cells in rows)


def _fit(spec: DatasetSpec, rows: Rows) -> int:
    """How many cells hold a subject or an emotion of the dataset."""
    subjects = sum(bool(spec.subject_id(cells["subject"])) for cells in rows)
    return subjects + sum(emotion_of(cells.get("emotion", "")) in spec.emotions for cells in rows)


def _check_kinds(spec: DatasetSpec, rows: Rows, path: Path) -> None:
    written = [cells["kind"] for cells in rows if cells.get("kind")] if spec.table.has_kinds else []
    if written and not _most(kind_of(spec, text) for text in written):
        odd = next(text for text in written if not kind_of(spec, text))
        raise ATMGCNError(
            f"{path}: the column of the expression type holds {odd!r} and the like; name the columns as published"
        )


def _check_emotions(rows: Rows, path: Path) -> None:
    words = [cells["emotion"] for cells in rows if cells.get("emotion")]
    if words and not _most(emotion_of(word) for word in words):
        odd = next(word for word in words if not emotion_of(word))
        raise ATMGCNError(f"{path}: the emotion column holds {odd!r} and the like; name the columns as published")


def _check_frames(rows: Rows, path: Path) -> None:
    spans = [[frame_number(cells.get(field, "")) for field in _FRAMES] for cells in rows]
    known = [numbers for span in spans if len(numbers := [number for number in span if number is not None]) == 3]
    if len(known) < _ENOUGH or _ordered(known, (0, 1, 2)) > 0.1:
        return
    for order in itertools.permutations(range(3)):
        if _ordered(known, order) >= 0.9:
            moved = [f"{_FRAMES[i]} stands under {_FRAMES[column]}" for i, column in enumerate(order) if i != column]
            raise ATMGCNError(f"{path}: frame columns are exchanged ({', '.join(moved)}); name them as they are")


def _ordered(spans: Sequence[Sequence[int]], order: Sequence[int]) -> float:
    """Fraction of rows in which the columns, taken in this order, ascend."""
    return sum(span[order[0]] <= span[order[1]] <= span[order[2]] for span in spans) / len(spans)


def _most(found: Iterable[object]) -> bool:
    marks = [bool(mark) for mark in found]
    return 2 * sum(marks) > len(marks)

"""Intervals as files: a table with a header, or the log of a challenge."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from atm_gcn.defaults import Kind
from atm_gcn.errors import ATMGCNError, listed
from atm_gcn.files import write_text
from atm_gcn.files.csv_tables import csv_text, text_of
from atm_gcn.files.limits import read_table_file
from atm_gcn.metrics.spotting.interval import Interval, kind_of
from atm_gcn.metrics.spotting.scoring import SpottingScores

COLUMNS = {  # of a table with a header: each under one of these names
    "subject": ("subject",),
    "video": ("video", "vid", "source", "clip"),
    "onset": ("onset", "pred_onset", "gt_onset"),
    "offset": ("offset", "pred_offset", "gt_offset"),
    "emotion": ("emotion", "predicted", "label"),
    "kind": ("type", "kind"),
}
NEEDED = ("video", "onset", "offset")
RESULTS = ("TP", "FP", "FN")
_FRAME = re.compile(r"([+-]?\d{1,12})(\.0+)?")


@dataclass(frozen=True)
class IntervalTable:
    """What a file says.

    Args:
        intervals: One per row with frames.
        videos: Subject and video of every row, so that a row without frames names a video without interval.
    """

    intervals: list[Interval]
    videos: list[tuple[str, str]]


def read_intervals(path: str | Path, side: str) -> IntervalTable:
    """Read annotated or found intervals.

    Two forms are understood. A table has a header with ``video``, ``onset`` and ``offset``, and perhaps ``subject``,
    ``emotion`` and ``type`` (micro or macro; without it all are micro); the tables of ``atm-gcn predict --csv`` are
    such ones. A log of a challenge has no header, and per row a video, first and last frame of the annotated interval,
    those of the found one, TP, FP or FN, and perhaps the type; it holds both sides. Names that are whole numbers are
    compared as numbers.

    Args:
        path: CSV file in UTF-8, separated by commas, semicolons or tabs.
        side: ``"truth"`` or ``"predicted"``; which of the two intervals of a log is read.

    Raises:
        ATMGCNError: If the file is neither, or a row is impossible.
    """
    path = Path(path)
    try:
        text = read_table_file(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ATMGCNError(f"{path}: is not text in UTF-8 (byte {error.start}); save it as CSV in UTF-8") from None
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        cells = [(rows.line_num, [text_of(cell.strip()) for cell in row]) for row in rows if any(map(str.strip, row))]
    except csv.Error as error:
        raise ATMGCNError(f"{path}: is not a CSV file ({error})") from error
    if not cells:
        raise ATMGCNError(f"{path}: is empty; a table has the columns video, onset and offset")
    if len(cells[0][1]) > 5 and cells[0][1][5].upper() in RESULTS:
        return _table(path, cells, lambda row: _of_log(row, side))
    names = [name.lower().replace(" ", "_") for name in cells[0][1]]
    places = {key: next((names.index(name) for name in known if name in names), None) for key, known in COLUMNS.items()}
    missing = [name for name in NEEDED if places[name] is None]
    if missing:
        raise ATMGCNError(
            f"{path}: has no column {listed(missing)}; a table has the columns video, onset and offset, and a log "
            "TP, FP or FN in its sixth column"
        )
    return _table(path, cells[1:], lambda row: _of_table(row, places))


Parsed = tuple[str, str, Interval | None]


def _table(path: Path, cells: Sequence[tuple[int, list[str]]], parse: Callable[[list[str]], Parsed]) -> IntervalTable:
    intervals, videos = [], []
    for line, row in cells:
        try:
            subject, video, interval = parse(row)
        except (ATMGCNError, IndexError) as error:
            why = "has too few cells" if isinstance(error, IndexError) else str(error)
            raise ATMGCNError(f"{path}: line {line}: {why}") from None
        videos.append((subject, video))
        if interval is not None:
            intervals.append(interval)
    return IntervalTable(intervals, list(dict.fromkeys(videos)))


def _of_table(row: list[str], places: dict[str, int | None]) -> Parsed:
    def cell(key: str) -> str:
        place = places[key]
        return "" if place is None else row[place]

    subject, video = _name(cell("subject")), _name(cell("video"))
    if not video:
        raise ATMGCNError("the video has no name")
    kind: Kind | None = "micro"
    if cell("kind") and (kind := kind_of(cell("kind"))) is None:
        raise ATMGCNError(f"type {cell('kind')!r} is neither micro nor macro")
    return subject, video, _interval(video, cell("onset"), cell("offset"), cell("emotion") or None, kind, subject)


def _of_log(row: list[str], side: str) -> Parsed:
    video, result = _name(row[0]), row[5].upper()
    if result not in RESULTS:
        raise ATMGCNError(f"{row[5]!r} stands where TP, FP or FN should")
    onset, offset = row[1:3] if side == "truth" else row[3:5]
    kind = kind_of(row[6]) if len(row) > 6 else None
    return "", video, _interval(video, onset, offset, None, kind or "micro", "")


def _interval(
    video: str, onset: str, offset: str, emotion: str | None, kind: Kind | None, subject: str
) -> Interval | None:
    if not onset and not offset:
        return None
    return Interval(video, _frame("onset", onset), _frame("offset", offset), emotion, kind or "micro", subject)


def _frame(name: str, text: str) -> int:
    found = _FRAME.fullmatch(text)
    if found is None:
        raise ATMGCNError(f"{name} {text!r} is no number of a frame")
    return int(found[1])


def _name(text: str) -> str:
    return str(int(text)) if text.isdecimal() else text


def write_log(path: str | Path, scores: SpottingScores) -> None:
    """Write the log of a challenge, see :func:`read_intervals`: every annotated and every found interval once.

    Args:
        path: CSV file.
        scores: Of :func:`~atm_gcn.metrics.spotting.spotting_scores`.
    """
    with_header = csv_text("", _log_rows(scores))
    write_text(path, with_header.partition("\n")[2])


def _log_rows(scores: SpottingScores) -> Iterator[list[object]]:
    for (subject, video, kind), one in scores.matched.items():
        name = "/".join(part for part in (subject, video) if part)
        for truth, predicted, _ in one.matches:
            yield [name, truth.onset, truth.offset, predicted.onset, predicted.offset, "TP", kind]
        for truth in one.missed:
            yield [name, truth.onset, truth.offset, None, None, "FN", kind]
        for predicted in one.false:
            yield [name, None, None, predicted.onset, predicted.offset, "FP", kind]

"""Results as files: one row per clip or movement for ``--csv``, one row per frame for ``--curve``."""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atm_gcn.errors import ATMGCNError
from atm_gcn.files import rounded, writing
from atm_gcn.files.csv_tables import csv_text
from atm_gcn.files.outputs import GENERATOR, is_special
from atm_gcn.files.writing import encoded
from atm_gcn.inference.prediction import Moment, Prediction, WindowProbabilities

if TYPE_CHECKING:
    from atm_gcn.inference.spotting.motion_track import MotionTrack

_SOURCE = ("source", "clip", "label")
_MOMENTS = ("onset", "apex", "offset", "onset_seconds", "apex_seconds", "offset_seconds")
COLUMNS = (*_SOURCE, "status", "reason", *_MOMENTS, "predicted")
MODELS = ("models", "held_out", "trained_on", "warnings", "face_number")
"""The last columns, after the classes: which models predicted, and what is known of the source."""
CURVE_COLUMNS = ("frame", "seconds", "motion", "threshold")
CURVES = (".csv", ".json")
HEADERS = (*(f"{','.join(columns)}," for columns in (COLUMNS, (*_SOURCE, *_MOMENTS, "predicted"), CURVE_COLUMNS)),)
"""How the tables begin, those of earlier versions too."""


def write_rows(path: str | Path, predictions: Iterable[Prediction], class_names: Sequence[str]) -> None:
    """Write a row per clip, per movement of a recording that was spotted, and per source without any, as CSV."""
    rows = [row for prediction in predictions for row in _rows_of(prediction, class_names)]
    _write(path, csv_text([*COLUMNS, *class_names, *MODELS], rows, ".6g"))


def write_curve(
    path: str | Path,
    tracks: "Sequence[MotionTrack]",
    predictions: Sequence[Prediction],
    class_names: Sequence[str],
) -> None:
    """Write motion, threshold and the probabilities of the surrounding window for every frame.

    Of a recording that was read as one clip, the probabilities are those of the clip, from its onset to its offset. Of
    several people, a table has a last column ``face_number``, and JSON a list ``people`` of such objects.

    Args:
        path: ``.csv`` or ``.json`` file.
        tracks: The motion of the recording, or of each person in it.
        predictions: The result for each.
        class_names: In the order of the columns.

    Raises:
        ATMGCNError: If ``path`` has another suffix, or the file cannot be written.
    """
    _check_suffix(path)
    columns, several = [*CURVE_COLUMNS, *class_names], predictions[0].face_number is not None
    curves = [
        list(_curve(track, _windows_of(one), class_names)) for track, one in zip(tracks, predictions, strict=True)
    ]
    if Path(path).suffix.lower() != ".json":
        ends = [[one.face_number] if several else [] for one in predictions]
        rows = [[*row, *end] for curve, end in zip(curves, ends, strict=True) for row in curve]
        _write(path, csv_text([*columns, *(["face_number"] if several else [])], rows, ".6g"))
        return
    people = [
        ({"face_number": one.face_number} if several else {})
        | dict(zip(columns, map(list, zip(*curve, strict=True)), strict=True))
        | {name: [asdict(part) for part in getattr(one, name)] for name in ("movements", "dropped")}
        for curve, one in zip(curves, predictions, strict=True)
    ]
    content = {"generator": GENERATOR, "source": predictions[0].source} | ({"people": people} if several else people[0])
    _write(path, json.dumps(rounded(content), ensure_ascii=False) + "\n")


def _rows_of(one: Prediction, class_names: Sequence[str]) -> Iterator[list[Any]]:
    start = [one.source, one.clip, one.label, one.status, one.reason]
    was_read = one.status in ("predicted", "nothing-found")
    about = [one.models[key] if was_read else None for key in ("reason", "held_out", "trained_on")]
    end = [*about, "; ".join(one.reliability["warnings"]) or None, one.face_number]
    if not one.movements:
        yield [*start, *[None] * (len(COLUMNS) - len(start) + len(class_names)), *end]
    for part in one.movements:
        moments: list[Moment] = [part.onset, part.apex, part.offset]
        times = [*(moment.frame for moment in moments), *(moment.seconds for moment in moments)]
        yield [*start, *times, part.predicted, *(part.probabilities[name] for name in class_names), *end]


def _windows_of(one: Prediction) -> list[WindowProbabilities]:
    """The regular windows, or the clip as one."""
    return one.windows or [
        WindowProbabilities(part.onset.seconds, part.offset.seconds, part.probabilities)
        for part in one.movements
        if one.mode == "clip" and part.onset.seconds is not None and part.offset.seconds is not None
    ]


def _curve(
    track: "MotionTrack", windows: list[WindowProbabilities], class_names: Sequence[str]
) -> Iterator[list[float | int | None]]:
    curve, at = track.curve, 0
    for index, (motion, threshold) in enumerate(zip(curve.motion, curve.threshold, strict=True)):
        seconds = curve.seconds[index]
        while at < len(windows) and windows[at].end <= seconds and (at + 1 < len(windows) or windows[at].end < seconds):
            at += 1
        inside = at < len(windows) and windows[at].start <= seconds
        probabilities = [windows[at].probabilities[name] if inside else None for name in class_names]
        known = [None if math.isnan(value) else float(value) for value in (motion, threshold)]
        yield [curve.numbers[index], seconds, *known, *probabilities]


def _check_suffix(path: str | Path) -> None:
    """Check that a curve can be written to ``path``; a device or a pipe gets CSV, whatever its name.

    Raises:
        ATMGCNError: If its suffix is neither.
    """
    if Path(path).suffix.lower() not in CURVES and not is_special(Path(path)):
        raise ATMGCNError(f"{path}: a curve is written as .csv or .json; name such a file")


def _write(path: str | Path, text: str) -> None:
    with writing(path) as partial:
        partial.write_bytes(encoded(path, text))

"""Results as files: one row per clip or movement for ``--csv``, one row per frame for ``--curve``."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atm_gcn.errors import ATMGCNError
from atm_gcn.files import rounded, writing
from atm_gcn.files.csv_tables import csv_text
from atm_gcn.files.outputs import GENERATOR, is_special
from atm_gcn.files.writing import encoded

if TYPE_CHECKING:
    from atm_gcn.inference.spotting.spotting import Spotting

COLUMNS = ("source", "clip", "label", "onset", "apex", "offset", "onset_seconds", "apex_seconds", "offset_seconds")
CURVE_COLUMNS = ("frame", "seconds", "motion", "threshold")
CURVES = (".csv", ".json")


def rows_of(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of one result: of a clip, of every clip of a store, or of every candidate of a long recording."""
    for part in result.get("clips", result.get("candidates", [result])):
        row = {"source": result["source"], "clip": part.get("clip", ""), "label": part.get("label", "")}
        for name in ("onset", "apex", "offset"):
            moment = part.get(name, {})
            seconds = moment.get("seconds")
            row |= {name: moment.get("frame", ""), f"{name}_seconds": "" if seconds is None else seconds}
        yield row | {"predicted": part["predicted"], **part["probabilities"]}


def write_rows(path: str | Path, rows: list[dict[str, Any]], class_names: list[str]) -> None:
    """Write rows of :func:`rows_of` as CSV, whole or not at all."""
    columns = [*COLUMNS, "predicted", *class_names]
    _write(path, csv_text(columns, [[row[column] for column in columns] for row in rows], ".6g"))


def write_curve(path: str | Path, found: "Spotting") -> None:
    """Write motion, threshold and the surrounding window's probabilities for every frame, as ``.csv`` or ``.json``.

    Raises:
        ATMGCNError: If ``path`` has another suffix, or the file cannot be written.
    """
    columns, rows = [*CURVE_COLUMNS, *found.class_names], list(_curve(found))
    _check_suffix(path)
    if Path(path).suffix.lower() != ".json":
        _write(path, csv_text(columns, rows, ".6g"))
        return
    series = dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))
    content = {
        "generator": GENERATOR,
        "source": str(found.stream.source),
        **series,
        "candidates": found.to_dict()["candidates"],
    }
    _write(path, json.dumps(rounded(content), ensure_ascii=False) + "\n")


def _check_suffix(path: str | Path) -> None:
    """Check that a curve can be written to ``path``; a device or a pipe gets CSV, whatever its name.

    Raises:
        ATMGCNError: If its suffix is neither.
    """
    if Path(path).suffix.lower() not in CURVES and not is_special(Path(path)):
        raise ATMGCNError(f"{path}: a curve is written as .csv or .json; name such a file")


def _curve(found: "Spotting") -> Iterator[list[float | int | None]]:
    curve, windows, at = found.curve, found.windows, 0
    for index, (motion, threshold) in enumerate(zip(curve.motion, curve.threshold, strict=True)):
        seconds = curve.seconds[index]
        while at < len(windows) and windows[at].end <= seconds:
            at += 1
        inside = at < len(windows) and windows[at].start <= seconds
        probabilities = windows[at].probabilities if inside else [None] * len(found.class_names)
        known = [None if math.isnan(value) else float(value) for value in (motion, threshold)]
        yield [curve.numbers[index], seconds, *known, *probabilities]


def _write(path: str | Path, text: str) -> None:
    with writing(path) as partial:
        partial.write_bytes(encoded(path, text))

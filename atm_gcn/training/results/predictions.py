"""Predictions of a run, one row per held-out clip."""

import csv
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.files import write_text
from atm_gcn.files.csv_tables import csv_text, text_of
from atm_gcn.files.refusals import refuse_special

if TYPE_CHECKING:
    from atm_gcn.training.loop.fold import FoldResult

COLUMNS = ("clip", "subject", "label", "predicted")
SEED = "seed"
_FIX = "go on with atm-gcn train --resume, which writes it again"
ROUNDING = 1e-5  # of probabilities that are written with six decimals


@dataclass(frozen=True)
class Prediction:
    """One row of predictions.csv; ``probabilities`` has one value per class, ``seed`` is None in a run of one seed."""

    clip: str
    subject: str
    label: str
    predicted: str
    probabilities: tuple[float, ...]
    seed: int | None = None


def predictions_of(result: "FoldResult", class_names: list[str]) -> list[Prediction]:
    """The rows of one fold."""
    guesses, rows = result.probabilities.argmax(dim=1).tolist(), result.probabilities.tolist()
    return [
        Prediction(clip, subject, class_names[label], class_names[guess], tuple(row))
        for clip, subject, label, guess, row in zip(
            result.clips, result.subjects, result.labels, guesses, rows, strict=True
        )
    ]


def mean_over_seeds(predictions: Sequence[Prediction], class_names: Sequence[str]) -> list[Prediction]:
    """One row per clip, by the mean of its probabilities over the seeds; of equal ones, the first class is predicted.

    Args:
        predictions: Of all folds and seeds.
        class_names: In the order of the probabilities.
    """
    by_clip: dict[str, list[Prediction]] = {}
    for row in predictions:
        by_clip.setdefault(row.clip, []).append(row)
    averaged = []
    for rows in by_clip.values():
        mean = np.mean([row.probabilities for row in rows], axis=0)
        predicted = class_names[int(mean.argmax())] if len(rows) > 1 else rows[0].predicted
        averaged.append(replace(rows[0], predicted=predicted, probabilities=tuple(mean.tolist()), seed=None))
    return averaged


def count_by_subject(predictions: Sequence[Prediction], class_names: Sequence[str]) -> dict[str, np.ndarray]:
    """Confusion matrices of every subject, one per seed: int64 ``[num_seeds, C, C]``."""
    number = {name: i for i, name in enumerate(class_names)}
    seeds = {seed: i for i, seed in enumerate(dict.fromkeys(row.seed for row in predictions))}
    shape = (len(seeds), len(number), len(number))
    counts = {subject: np.zeros(shape, np.int64) for subject in sorted({row.subject for row in predictions})}
    for row in predictions:
        counts[row.subject][seeds[row.seed], number[row.label], number[row.predicted]] += 1
    return counts


def write_predictions(path: Path, predictions: list[Prediction], class_names: list[str]) -> None:
    """Write predictions as CSV, probabilities with six decimals; rows with a seed have it in the last column."""
    seeds = [SEED] if any(row.seed is not None for row in predictions) else []
    rows = (
        [row.clip, row.subject, row.label, row.predicted, *row.probabilities] + ([row.seed] if seeds else [])
        for row in predictions
    )
    write_text(path, csv_text([*COLUMNS, *class_names, *seeds], rows, ".6f"))


def read_predictions(path: Path, check: Callable[["Prediction", list[str]], None] | None = None) -> list[Prediction]:
    """Read what :func:`write_predictions` wrote.

    Args:
        path: The file.
        check: Raises a :class:`ValueError` for a row that cannot be a prediction of the classes or units that it is
            called with; None takes :func:`check_prediction`.

    Raises:
        ATMGCNError: If the file is missing or damaged, or a row of it cannot be a prediction.
    """
    refuse_special(path)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file, strict=True)
        end = len(header) - (header[-1] == SEED)
        names = list(map(text_of, header[len(COLUMNS) : end]))
        if tuple(header[: len(COLUMNS)]) != COLUMNS or len(set(names)) != len(names):
            raise ValueError("its header is another")
        predictions = [_prediction(row, len(header), end) for row in rows]
        for prediction in predictions:
            (check or check_prediction)(prediction, names)
        if len({(prediction.clip, prediction.seed) for prediction in predictions}) < len(predictions):
            raise ValueError("a clip has two rows")
    except OSError as error:
        raise ATMGCNError(f"{path}: is missing or cannot be read; {_FIX}") from error
    except (ValueError, IndexError, csv.Error) as error:
        raise ATMGCNError(f"{path}: is damaged ({error}); {_FIX}") from error
    return predictions


def _prediction(row: list[str], length: int, end: int) -> Prediction:
    if len(row) != length:
        raise ValueError(f"a row has {len(row)} cells instead of {length}")
    seed = int(row[end]) if end < length else None
    clip, subject, label, predicted = map(text_of, row[: len(COLUMNS)])
    return Prediction(clip, subject, label, predicted, tuple(map(float, row[len(COLUMNS) : end])), seed)


def check_prediction(row: Prediction, names: list[str]) -> None:
    """Raise a :class:`ValueError` if a row cannot be a prediction of the classes ``names``."""
    if row.label not in names or row.predicted not in names:
        raise ValueError(f"clip {row.clip} has a class that is no column")
    if not all(0 <= p <= 1 for p in row.probabilities) or not math.isclose(
        sum(row.probabilities), 1, abs_tol=ROUNDING * len(names)
    ):
        raise ValueError(f"the probabilities of clip {row.clip} do not sum to 1")
    if row.probabilities[names.index(row.predicted)] < max(row.probabilities) - ROUNDING:
        raise ValueError(f"clip {row.clip} is predicted as another class than its most probable one")

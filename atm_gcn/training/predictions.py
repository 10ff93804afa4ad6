"""Predictions of a run, one row a held-out clip."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from atm_gcn.errors import ATMGCNError
from atm_gcn.files import write_text
from atm_gcn.training.fold import FoldResult


@dataclass(frozen=True)
class Prediction:
    """One row of predictions.csv; ``probabilities`` has one value a class."""

    clip: str
    subject: str
    label: str
    predicted: str
    probabilities: tuple[float, ...]


def predictions_of(result: FoldResult, class_names: list[str]) -> list[Prediction]:
    """The rows of one fold."""
    guesses, rows = result.probabilities.argmax(dim=1).tolist(), result.probabilities.tolist()
    return [
        Prediction(clip, subject, class_names[label], class_names[guess], tuple(row))
        for clip, subject, label, guess, row in zip(
            result.clips, result.subjects, result.labels, guesses, rows, strict=True
        )
    ]


def write_predictions(path: Path, predictions: list[Prediction], class_names: list[str]) -> None:
    """Write predictions as CSV, probabilities with six decimals."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["clip", "subject", "label", "predicted", *class_names])
    for row in predictions:
        writer.writerow([row.clip, row.subject, row.label, row.predicted, *(f"{p:.6f}" for p in row.probabilities)])
    write_text(path, text.getvalue())


def read_predictions(path: Path) -> list[Prediction]:
    """Read what :func:`write_predictions` wrote.

    Raises:
        ATMGCNError: If the file is missing or damaged.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))[1:]
        return [Prediction(*row[:4], tuple(float(p) for p in row[4:])) for row in rows]
    except (OSError, ValueError, TypeError, csv.Error) as error:
        raise ATMGCNError(f"{path}: is missing or damaged; delete its folder and run again with --resume") from error

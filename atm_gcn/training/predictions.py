"""Predictions of a run, one row a held-out clip."""

import csv
from dataclasses import dataclass
from pathlib import Path

from atm_gcn.errors import ATMGCNError
from atm_gcn.escaping import csv_text, text_of
from atm_gcn.files import write_text
from atm_gcn.training.fold import FoldResult

SEED = "seed"


@dataclass(frozen=True)
class Prediction:
    """One row of predictions.csv; ``probabilities`` has one value a class, ``seed`` is None in a run of one seed."""

    clip: str
    subject: str
    label: str
    predicted: str
    probabilities: tuple[float, ...]
    seed: int | None = None


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
    """Write predictions as CSV, probabilities with six decimals; rows with a seed have it in the last column."""
    seeds = [SEED] if any(row.seed is not None for row in predictions) else []
    rows = (
        [row.clip, row.subject, row.label, row.predicted, *row.probabilities] + ([row.seed] if seeds else [])
        for row in predictions
    )
    write_text(path, csv_text(["clip", "subject", "label", "predicted", *class_names, *seeds], rows, ".6f"))


def read_predictions(path: Path) -> list[Prediction]:
    """Read what :func:`write_predictions` wrote.

    Raises:
        ATMGCNError: If the file is missing or damaged.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        end = len(header) - (header[-1] == SEED)
        return [
            Prediction(
                *map(text_of, row[:4]), tuple(float(p) for p in row[4:end]), int(row[end]) if row[end:] else None
            )
            for row in rows
        ]
    except (OSError, ValueError, TypeError, IndexError, csv.Error) as error:
        raise ATMGCNError(f"{path}: is missing or damaged; delete its folder and run again with --resume") from error

"""The table of a comparison: scores and costs of several models, and how far each is from the first one."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.csv_tables import csv_text
from atm_gcn.files.escaping import escape, escape_to
from atm_gcn.files.text_table import aligned
from atm_gcn.metrics import SCORES, Difference, holm
from atm_gcn.training.comparison.difference import compare
from atm_gcn.training.comparison.score_cells import (
    NUMBER_COLUMNS,
    chance_cells,
    difference_text,
    markdown_table,
    numbers_of,
    score_cells,
    score_text,
    tested_clips,
    tested_how,
)
from atm_gcn.training.results.predictions import Prediction
from atm_gcn.training.results.score_notes import interval_text, note_on_subjects

WIDTH = 120  # characters of a terminal
LONGEST_TITLE = 28  # at which the widest table fits


@dataclass(frozen=True)
class ComparedModel:
    """A finished run of a comparison.

    Args:
        model: Key of the model, for instance ``"ststnet"``.
        title: Its name in tables.
        metrics: Scores of the run, as in ``metrics.json``.
        predictions: Of all folds and seeds.
        parameters: Number of trainable parameters; None if the model has none to train by gradients.
        gmac: Multiply-adds of one clip, in 1e9; None if they were not counted.
        seconds_per_fold: Mean training time of a fold; None if it was not measured.
        settings: How it was trained, in a phrase, for instance ``"authors' training, 800 epochs"``.
    """

    model: str
    title: str
    metrics: Mapping[str, Any]
    predictions: Sequence[Prediction]
    parameters: int | None = None
    gmac: float | None = None
    seconds_per_fold: float | None = None
    settings: str = ""


@dataclass(frozen=True)
class ComparisonRow:
    """A row of the table; see :class:`ComparedModel` for what is not described here.

    Args:
        scores: ``uf1``, ``uar`` and ``acc``, means over the seeds.
        std: Their standard deviations over the seeds; None for one seed.
        intervals: Their 95 % intervals over subjects.
        chance: Scores of drawing classes at random.
        differences: Scores of the first model minus those of this one; None for the first.
        adjusted_p: p-values of ``differences``, by score, after Holm's correction over all models of the table.
    """

    model: str
    title: str
    scores: dict[str, float]
    std: dict[str, float] | None
    intervals: dict[str, Sequence[float]]
    chance: dict[str, float]
    parameters: int | None
    gmac: float | None
    seconds_per_fold: float | None
    settings: str
    differences: dict[str, Difference] | None = None
    adjusted_p: dict[str, float] | None = None


def comparison_rows(models: Sequence[ComparedModel]) -> list[ComparisonRow]:
    """The rows of the table; every model is compared with the first one.

    The tests of all models against the first are one family per score, corrected by :func:`~atm_gcn.metrics.holm`.

    Args:
        models: In the order of the table.

    Raises:
        ATMGCNError: If two of the models were not tested on the same clips, classes and seeds.
    """
    first, *others = models
    differences = [_difference(first, other) for other in others]
    adjusted = {key: holm([found[key].p for found in differences]) for key in SCORES}
    rows = [_row(first, None, None)]
    for number, (other, found) in enumerate(zip(others, differences, strict=True)):
        rows.append(_row(other, found, {key: adjusted[key][number] for key in SCORES}))
    return rows


def _difference(first: ComparedModel, other: ComparedModel) -> dict[str, Difference]:
    names = first.metrics["class_names"]
    if other.metrics["class_names"] != names:
        raise ATMGCNError(f"{first.title} and {other.title} cannot be compared: their classes differ")
    try:
        return compare(first.predictions, other.predictions, names)
    except ATMGCNError as error:
        raise ATMGCNError(f"{first.title} and {other.title}: {error}") from error


def _row(
    model: ComparedModel, differences: dict[str, Difference] | None, adjusted: dict[str, float] | None
) -> ComparisonRow:
    metrics = model.metrics
    return ComparisonRow(
        model.model,
        model.title,
        {key: metrics[key] for key in SCORES},
        metrics.get("std"),
        metrics["interval"],
        metrics["chance"],
        model.parameters,
        model.gmac,
        model.seconds_per_fold,
        model.settings,
        differences,
        adjusted,
    )


def to_csv(rows: Sequence[ComparisonRow]) -> str:
    """One line per model, six decimals, with the columns of ``ablation.csv`` and more.

    ``uf1_p`` is the p-value of one test, ``uf1_p_holm`` that after Holm's correction. Equal trainings give equal bytes:
    seconds are in :func:`timings_csv`.
    """
    columns = ["model", "title", *NUMBER_COLUMNS, *(f"{key}_p_holm" for key in SCORES)]
    lines = (
        [
            row.model,
            row.title,
            *numbers_of(row.scores, row.std, row.differences, row.intervals, row.chance),
            *(row.adjusted_p[key] if row.adjusted_p else None for key in SCORES),
            row.parameters,
            row.gmac,
            row.settings,
        ]
        for row in rows
    )
    return csv_text([*columns, "parameters", "gmac", "settings"], lines, ".6f")


def timings_csv(rows: Sequence[ComparisonRow]) -> str:
    """The seconds per fold of every model, apart from the results, which do not depend on the machine."""
    return csv_text(["model", "seconds_per_fold"], [[row.model, row.seconds_per_fold] for row in rows], ".3f")


def to_markdown(rows: Sequence[ComparisonRow], metrics: Mapping[str, Any]) -> str:
    """The table as aligned Markdown, with lines on what was compared and how.

    Args:
        rows: Of :func:`comparison_rows`.
        metrics: Scores of the first model, as in ``metrics.json``.
    """
    header = ["model", "UF1", "UAR", "ACC", "parameters", "GMAC", "s per fold", "first - this, UF1", "p"]
    header += ["first - this, UAR", "p", "training"]
    cells = [
        [row.title, *score_cells(row.scores, row.std, row.intervals), *cost_cells(row)]
        + [text for key in ("uf1", "uar") for text in _difference_cells(row, key)]
        + [row.settings]
        for row in rows
    ]
    cells.append(["chance", *chance_cells(rows[0].chance), *[""] * 8])
    return "\n".join([*markdown_table(header, cells), "", *note(rows, metrics)]) + "\n"


def to_text(rows: Sequence[ComparisonRow], metrics: Mapping[str, Any]) -> str:
    """The table for a terminal, at most :data:`WIDTH` characters wide.

    Args:
        rows: Of :func:`comparison_rows`.
        metrics: Scores of the first model, as in ``metrics.json``.
    """
    header = ["", "UF1", "95 %", "UAR", "ACC", "parameters", "GMAC", "s/fold", "first - this", "p"]
    cells = []
    for row in rows:
        uf1 = score_text(row.scores["uf1"], row.std["uf1"] if row.std else None)
        gap = [f"{row.differences['uf1'].value:+.3f}", adjusted_text(row, "uf1")] if row.differences else ["", ""]
        others = [f"{row.scores[key]:.3f}" for key in ("uar", "acc")]
        title, interval = escape_to(LONGEST_TITLE, row.title), interval_text(row.intervals["uf1"])
        cells.append([title, uf1, interval, *others, *cost_cells(row), *gap])
    uf1, *others = chance_cells(rows[0].chance)
    cells.append(["chance", uf1, "", *others, *[""] * 5])
    trained = [f"{'; '.join(titles)}: {settings}." for settings, titles in by_settings(rows).items()]
    sentences = map(escape, (*note(rows, metrics, "In the column 95 %, intervals of UF1"), *trained))
    below = [line for sentence in sentences for line in textwrap.wrap(sentence, WIDTH)]
    return "\n".join([*(line.rstrip() for line in aligned([header, *cells])), "", *below])


def note(
    rows: Sequence[ComparisonRow], metrics: Mapping[str, Any], intervals: str = "In brackets, 95 % intervals"
) -> list[str]:
    """Lines below a table: what was compared, by which tests, and what so few subjects can say."""
    lines = [tested_clips(metrics), tested_how(metrics, intervals) if len(rows) > 1 else f"{intervals} over subjects."]
    if len(rows) > 2:
        lines.append(
            f"First: {rows[0].title}. p after Holm's correction over the {len(rows) - 1} models that it is compared "
            "with, for each score."
        )
    return [*lines, *note_on_subjects(dict(metrics))]


def by_settings(rows: Sequence[ComparisonRow]) -> dict[str, list[str]]:
    """The titles of the models that were trained alike, by their settings; models without any are left out."""
    groups: dict[str, list[str]] = {}
    for row in rows:
        if row.settings:
            groups.setdefault(row.settings, []).append(row.title)
    return groups


def cost_cells(row: ComparisonRow) -> list[str]:
    """Parameters, multiply-adds and seconds per fold, with three digits; empty where unknown."""
    return [_count(row.parameters), _digits(row.gmac), _digits(row.seconds_per_fold)]


def adjusted_text(row: ComparisonRow, key: str) -> str:
    """The p-value after Holm's correction, for instance ``0.023`` or ``<0.001``; empty for the first model."""
    if row.adjusted_p is None:
        return ""
    return f"{row.adjusted_p[key]:.3f}" if row.adjusted_p[key] >= 0.0005 else "<0.001"


def _difference_cells(row: ComparisonRow, key: str) -> list[str]:
    return [difference_text(row.differences[key]), adjusted_text(row, key)] if row.differences else ["", ""]


def _count(count: int | None) -> str:
    if count is None or count < 1_000:
        return "" if count is None else str(count)
    return f"{_digits(count / 1e3)} k" if count < 999_500 else f"{_digits(count / 1e6)} M"


def _digits(value: float | None) -> str:
    """Three digits without an exponent, at most three of them after the point."""
    if value is None:
        return ""
    if 0 < value < 0.0005:
        return "<0.001"
    decimals = 3 if value < 0.9995 else 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{decimals}f}"

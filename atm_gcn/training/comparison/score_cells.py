"""What the tables of an ablation and of a comparison have in common: cells, columns and the note below."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from atm_gcn.files.text_table import aligned
from atm_gcn.metrics import SCORES
from atm_gcn.metrics.permutation_test import Difference, method
from atm_gcn.training.results.score_notes import interval_text

NUMBER_COLUMNS = [
    *SCORES,
    *(f"{key}_std" for key in SCORES),
    *(f"{key}_{end}" for key in SCORES for end in ("difference", "low", "high", "p")),
    *(f"{key}_{end}" for key in SCORES for end in ("interval_low", "interval_high", "chance")),
]
"""Columns of a CSV file with the values of :func:`numbers_of`."""


def numbers_of(
    scores: Mapping[str, float],
    std: Mapping[str, float] | None,
    differences: Mapping[str, Difference] | None,
    intervals: Mapping[str, Sequence[float]],
    chance: Mapping[str, float],
) -> list[float | None]:
    """The values of :data:`NUMBER_COLUMNS`: ``uf1_low`` and ``uf1_high`` are the interval of the difference."""
    gaps = [differences[key] if differences else None for key in SCORES]
    return [
        *(scores[key] for key in SCORES),
        *(std[key] if std else None for key in SCORES),
        *(value for gap in gaps for value in ((gap.value, gap.low, gap.high, gap.p) if gap else [None] * 4)),
        *(value for key in SCORES for value in (*intervals[key], chance[key])),
    ]


def score_text(score: float, std: float | None, plus_minus: str = " +- ") -> str:
    """For instance ``0.512`` or ``0.512 +- 0.034``."""
    return f"{score:.3f}" if std is None else f"{score:.3f}{plus_minus}{std:.3f}"


def score_cells(
    scores: Mapping[str, float], std: Mapping[str, float] | None, intervals: Mapping[str, Sequence[float]]
) -> list[str]:
    """Scores with their standard deviation over seeds and, in brackets, their interval."""
    return [
        f"{score_text(scores[key], std[key] if std else None)} [{interval_text(intervals[key], ', ')}]"
        for key in SCORES
    ]


def difference_text(difference: Difference) -> str:
    """For instance ``+0.051 [-0.025, +0.125]``."""
    return f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"


def chance_cells(chance: Mapping[str, float]) -> list[str]:
    """The scores of drawing classes at random."""
    return [f"{chance[key]:.3f}" for key in SCORES]


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of an aligned Markdown table whose first column is aligned left and the last one right."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = [f"| {line} |" for line in aligned([header, *cells], " | ")]
    return [lines[0], f"|:{re.sub('[^|]', '-', lines[0][2:-2])}:|", *lines[1:]]


def tested_clips(metrics: Mapping[str, Any]) -> str:
    """A sentence on the clips, subjects, seeds and protocol behind the scores of ``metrics.json``."""
    seeds = f" {len(metrics['seeds'])} seeds, mean +- standard deviation over them." if "seeds" in metrics else ""
    protocol = metrics["protocol"].partition(";")[0]
    return f"{metrics['num_clips']} clips of {metrics['num_subjects']} subjects.{seeds} Protocol: {protocol}."


def tested_how(metrics: Mapping[str, Any], intervals: str = "In brackets, 95 % intervals") -> str:
    """A sentence on intervals and tests."""
    return f"{intervals} over subjects. Differences: {method(metrics['num_subjects'])}."

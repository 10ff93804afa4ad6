"""The results file of :mod:`.real_motion`, and its scores, ensembles of seeds, comparisons and table."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal

import numpy as np
from pydantic import Field

from atm_gcn.metrics import SCORES, score_interval
from atm_gcn.metrics.recognition import scores_of
from atm_gcn.training.comparison import compare
from atm_gcn.training.results.predictions import Prediction, count_by_subject
from benchmarks.common.results import ResultsFile, Strict


class Score(Strict):
    """A score pooled over subjects: mean over seeds, each seed's, and the 95 % interval over subjects."""

    value: float
    seeds: list[float]
    low: float
    high: float


class Row(Strict):
    """One model.

    Args:
        steps: ``"apex"`` for the step from onset to apex alone, ``"both"`` for that from apex to offset as well.
        seconds_per_fold: Of training, one thread.
        scores: ``uf1``, ``uar`` and ``acc``.
        ensemble: Scores of the mean of the probabilities over seeds.
        chance: Expected scores of drawing classes by their shares.
        largest_class: Scores of always predicting the largest class.
    """

    name: str
    steps: Literal["apex", "both"]
    parameters: int
    seconds_per_fold: float
    clips: int
    subjects: int
    scores: dict[str, Score]
    ensemble: dict[str, Score] | None
    chance: dict[str, float]
    largest_class: dict[str, float]


class Gap(Strict):
    """Difference of a score, its 95 % interval, and the p of a paired permutation test over subjects."""

    value: float
    low: float
    high: float
    p: float


class Comparison(Strict):
    """Scores of ``first`` minus those of ``second``, of single seeds or of their ensembles."""

    first: str
    second: str
    ensemble: bool
    gaps: dict[str, Gap]


class Results(ResultsFile):
    """The options of the program, and what it found; ``folds`` is 0 for leave-one-subject-out."""

    program = "real-motion"
    size: int
    preset: str
    settings: list[str]
    folds: int
    seeds: int
    rows: list[Row] = Field(default_factory=list)
    comparisons: list[Comparison] = Field(default_factory=list)


def scores_of_seeds(predictions: Sequence[Prediction], class_names: Sequence[str]) -> dict[str, Score]:
    """The scores of a run."""
    counts = np.stack(list(count_by_subject(predictions, class_names).values()))  # [S, num_seeds, C, C]
    each, ends = scores_of(counts.sum(axis=0)), score_interval(counts)  # [num_seeds, 3]
    return {
        name: Score(value=values.mean(), seeds=values.tolist(), low=ends[name][0], high=ends[name][1])
        for name, values in zip(SCORES, each.T, strict=True)
    }


def comparison(
    first: str,
    second: str,
    ensemble: bool,
    one: Sequence[Prediction],
    other: Sequence[Prediction],
    class_names: Sequence[str],
) -> Comparison:
    """Compare two rows by their predictions of the same clips."""
    gaps = {name: Gap(**asdict(gap)) for name, gap in compare(one, other, class_names).items()}
    return Comparison(first=first, second=second, ensemble=ensemble, gaps=gaps)


def table(results: Results) -> str:
    """Scores with intervals, then differences, as two tables of Markdown."""
    lines = [
        "| model | steps | parameters | s per fold | UF1 | UAR | ACC |",
        "| :-- | :-- | --: | --: | --: | --: | --: |",
    ]
    for row in results.rows:
        about = f"{row.steps} | {row.parameters:,} | {row.seconds_per_fold:.1f}"
        lines.append(f"| {row.name} | {about} | {' | '.join(_cell(row.scores[key]) for key in SCORES)} |")
        if row.ensemble:
            cells = " | ".join(_cell(row.ensemble[key]) for key in SCORES)
            lines.append(f"| {row.name}, {results.seeds} seeds' mean | {row.steps} | | | {cells} |")
    for title, scores in (("chance", "chance"), ("largest class", "largest_class")):
        if results.rows:
            found = getattr(results.rows[0], scores)
            lines.append(f"| {title} | | | | {' | '.join(f'{found[key]:.3f}' for key in SCORES)} |")
    lines += ["", "| difference | UF1 | p | UAR | p |", "| :-- | --: | --: | --: | --: |"]
    for pair in results.comparisons:
        gaps = (pair.gaps["uf1"], pair.gaps["uar"])
        cells = " | ".join(f"{gap.value:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}] | {gap.p:.4f}" for gap in gaps)
        which = ", seeds' means" if pair.ensemble else ""
        lines.append(f"| {pair.first} minus {pair.second}{which} | {cells} |")
    return "\n".join(lines)


def _cell(score: Score) -> str:
    spread = f" ± {np.std(score.seeds, ddof=1):.3f}" if len(score.seeds) > 1 else ""
    return f"{score.value:.3f}{spread} [{score.low:.3f}, {score.high:.3f}]"

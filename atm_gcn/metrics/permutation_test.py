"""Differences between two models tested on the same subjects: 95 % intervals and a permutation test.

The subject is the unit, since the clips of one person are alike. Scores are pooled over subjects, and averaged over
seeds; the clips of a subject stay together, over all seeds.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from atm_gcn.metrics.interval import (
    drawn_subjects,
    highest,
    resampled_scores,
    small_sample_factor,
    t_quantile,
)
from atm_gcn.metrics.recognition import SCORES, scores_of

EXACT_SUBJECTS = 13  # up to here, all 2^S exchanges are fewer than DRAWS
DRAWS = 10_000
METHOD = (
    "two-sided paired permutation test over subjects, {}; intervals by Student's t with the standard error of a "
    "bootstrap over subjects"
)


@dataclass(frozen=True)
class Difference:
    """The difference between the scores of two models.

    Args:
        value: Score of the first minus that of the second.
        low: Lower end of the 95 % confidence interval.
        high: Its upper end.
        p: Probability of a difference at least as large if the two were exchangeable.
    """

    value: float
    low: float
    high: float
    p: float

    def __str__(self) -> str:
        return f"{self.value:+.3f} [{self.low:+.3f}, {self.high:+.3f}], p {self.p:.3f}"


def paired_permutation_test(first: np.ndarray, second: np.ndarray, seed: int = 0) -> dict[str, Difference]:
    """The differences between two models, by score.

    Args:
        first: Confusion matrices of one model for every subject and seed, ``[S, num_seeds, C, C]``.
        second: Those of the other, for the same subjects.
        seed: Seed of the bootstrap, and of the exchanges if there are too many to try all.

    Returns:
        ``uf1``, ``uar`` and ``acc``.
    """
    num_subjects = len(first)
    rng = np.random.default_rng(seed)
    observed = _gap(first.sum(axis=0)[None], second.sum(axis=0)[None])  # [1, 3]
    swap, exact = exchanges(num_subjects, rng)  # [P, S]
    moved = np.einsum("ps,s...->p...", swap, second - first)
    exchanged = _gap(first.sum(axis=0) + moved, second.sum(axis=0) - moved)  # [P, 3]
    reached = (np.abs(exchanged) >= np.abs(observed) - 1e-12).sum(axis=0)
    p = reached / len(swap) if exact else (reached + 1) / (len(swap) + 1)
    half_width = _half_width(first, second, rng)
    low, high = np.maximum(observed[0] - half_width, -1), np.minimum(observed[0] + half_width, 1)
    values = zip(observed[0], low, high, p, strict=True)
    return {name: Difference(*map(float, row)) for name, row in zip(SCORES, values, strict=True)}


def exchanges(num_subjects: int, rng: np.random.Generator) -> tuple[np.ndarray, bool]:
    """Whose results the two models exchange, ``[P, num_subjects]`` of 0 and 1, and whether these are all ways."""
    if num_subjects <= EXACT_SUBJECTS:
        return np.array(list(product((0, 1), repeat=num_subjects))), True
    return rng.integers(0, 2, (DRAWS, num_subjects)), False


def method(num_subjects: int) -> str:
    """A sentence on how :func:`paired_permutation_test` treats so many subjects."""
    exact = num_subjects <= EXACT_SUBJECTS
    return METHOD.format(f"exact over all {2**num_subjects} exchanges" if exact else f"{DRAWS:,} random exchanges")


def _half_width(first: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Half the width ``[3]`` of the 95 % intervals of the differences."""
    num_subjects = len(first)
    if num_subjects == 1:
        return np.full(3, np.inf)
    drawn = drawn_subjects(num_subjects, rng)
    resampled = (resampled_scores(first, drawn) - resampled_scores(second, drawn)) * highest(first)
    return t_quantile(num_subjects - 1) * small_sample_factor(num_subjects) * resampled.std(axis=0)


def _gap(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Difference of UF1, UAR and accuracy, mean over seeds: from ``[P, num_seeds, C, C]`` counts to ``[P, 3]``."""
    return (scores_of(first) - scores_of(second)).mean(axis=1)

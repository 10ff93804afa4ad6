"""Two models tested on the same subjects: how far apart they are, and whether chance would do as much.

The subject is the unit, for the clips of one person are alike. Scores are pooled over subjects, as a run reports them,
and averaged over seeds; a subject's clips of all seeds stay together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics import scores_of
from atm_gcn.training.results.predictions import Prediction

EXACT_SUBJECTS = 13  # up to here, all 2^S exchanges are fewer than DRAWS
DRAWS = 10_000
LEVEL = 0.95
METHOD = "two-sided paired permutation test over subjects, {}; intervals by the percentile bootstrap over subjects"


@dataclass(frozen=True)
class Difference:
    """How much higher one model scores than another.

    Args:
        value: Score of the first less that of the second.
        low: Lower end of the 95 % confidence interval; ``high`` the upper one.
        p: Probability of a difference at least as large, were the two exchangeable.
    """

    value: float
    low: float
    high: float
    p: float


def count_by_subject(predictions: Sequence[Prediction], class_names: Sequence[str]) -> dict[str, np.ndarray]:
    """Confusion matrices of every subject, one a seed: int64 ``[num_seeds, C, C]``."""
    number = {name: i for i, name in enumerate(class_names)}
    seeds = {seed: i for i, seed in enumerate(dict.fromkeys(row.seed for row in predictions))}
    shape = (len(seeds), len(number), len(number))
    counts = {subject: np.zeros(shape, np.int64) for subject in sorted({row.subject for row in predictions})}
    for row in predictions:
        counts[row.subject][seeds[row.seed], number[row.label], number[row.predicted]] += 1
    return counts


def compare(
    one: Sequence[Prediction], other: Sequence[Prediction], class_names: Sequence[str], seed: int = 0
) -> dict[str, Difference]:
    """The difference of two runs over the same clips and seeds, by score.

    Args:
        one: Predictions of the model that is expected to be ahead.
        other: Those of the other.
        class_names: In the order of the logits.
        seed: Of the bootstrap, and of the exchanges where there are too many to try all.

    Returns:
        ``uf1``, ``uar`` and ``acc``.

    Raises:
        ATMGCNError: If the two are not predictions of the same clips with the same seeds.
    """
    if sorted((row.clip, row.seed or 0) for row in one) != sorted((row.clip, row.seed or 0) for row in other):
        raise ATMGCNError(
            "two runs can be compared where both predict the same clips with the same seeds; these do not"
        )
    counts = [np.stack(list(count_by_subject(rows, class_names).values())) for rows in (one, other)]  # [S, seeds, C, C]
    first, second = counts
    rng = np.random.default_rng(seed)
    observed = _gap(first.sum(axis=0)[None], second.sum(axis=0)[None])  # [1, 3]
    swap, exact = exchanges(len(first), rng)  # [P, S]
    moved = np.einsum("ps,s...->p...", swap, second - first)
    exchanged = _gap(first.sum(axis=0) + moved, second.sum(axis=0) - moved)  # [P, 3]
    reached = (np.abs(exchanged) >= np.abs(observed) - 1e-12).sum(axis=0)
    p = reached / len(swap) if exact else (reached + 1) / (len(swap) + 1)
    drawn = rng.multinomial(len(first), np.full(len(first), 1 / len(first)), size=DRAWS)  # [DRAWS, S]
    resampled = _gap(*(np.einsum("ps,s...->p...", drawn, side) for side in (first, second)))
    low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    values = zip(observed[0], low, high, p, strict=True)
    return {name: Difference(*map(float, row)) for name, row in zip(("uf1", "uar", "acc"), values, strict=True)}


def exchanges(num_subjects: int, rng: np.random.Generator) -> tuple[np.ndarray, bool]:
    """Whose predictions the two models exchange, ``[P, num_subjects]`` of 0 and 1, and whether these are all ways."""
    if num_subjects <= EXACT_SUBJECTS:
        return np.array(list(product((0, 1), repeat=num_subjects))), True
    return rng.integers(0, 2, (DRAWS, num_subjects)), False


def method(num_subjects: int) -> str:
    """How :func:`compare` goes about so many subjects, in a sentence."""
    exact = num_subjects <= EXACT_SUBJECTS
    return METHOD.format(f"exact over all {2**num_subjects} exchanges" if exact else f"{DRAWS:,} random exchanges")


def _gap(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Difference of UF1, UAR and accuracy, mean over seeds: from ``[P, seeds, C, C]`` counts to ``[P, 3]``."""
    return (scores_of(first) - scores_of(second)).mean(axis=1)

"""Ranks of several models over subjects, and groups of models that no test tells apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics import holm
from atm_gcn.metrics.permutation_test import DRAWS, EXACT_SUBJECTS, exchanges
from atm_gcn.training.comparison.difference import check_same_clips
from atm_gcn.training.results.predictions import Prediction

LEVEL = 0.05
TINY = 1e-12  # differences between means below this are rounding


@dataclass(frozen=True)
class ModelRanks:
    """Mean ranks of M models over S subjects, best model first, and a test of every pair.

    Args:
        titles: Names of the models.
        mean_ranks: float64 ``[M]``, ascending; 1 is best.
        accuracy: float64 ``[M, S]``, accuracy on the clips of each subject, mean over the seeds.
        p_values: float64 ``[M, M]``, after Holm's correction over all pairs; 1 on the diagonal.
        groups: Of :func:`groups_of`, as positions in ``titles``.
        num_seeds: Number of seeds.
    """

    titles: tuple[str, ...]
    mean_ranks: np.ndarray
    accuracy: np.ndarray
    p_values: np.ndarray
    groups: tuple[tuple[int, ...], ...]
    num_seeds: int = 1

    @property
    def caption(self) -> str:
        """What is ranked, what the groups mean and how pairs were tested."""
        num_models, num_subjects = self.accuracy.shape
        pairs = num_models * (num_models - 1) // 2
        exact = num_subjects <= EXACT_SUBJECTS
        ways = f"exact over all {2**num_subjects:,} exchanges" if exact else f"{DRAWS:,} random exchanges"
        seeds = f", mean over {self.num_seeds} seeds" if self.num_seeds > 1 else ""
        correction = f", Holm's correction over {pairs} pairs" if pairs > 1 else ""
        text = (
            f"Mean rank of the accuracy on each of {num_subjects} subjects{seeds}; 1 is best. Bars join models of "
            f"which no two differ at {LEVEL}: two-sided paired permutation test of the mean of the subjects' "
            f"accuracy, {ways}{correction}. A bar does not show that models are equally good."
        )
        least = 2 / 2**num_subjects if exact else 1 / (DRAWS + 1)
        if pairs * least > LEVEL:
            text += f" With {num_subjects} subjects and {pairs} pairs, this test cannot tell any two models apart."
        return text


def rank_models(predictions: Mapping[str, Sequence[Prediction]], seed: int = 0) -> ModelRanks:
    """Rank models by their accuracy on each subject, and test all pairs.

    Args:
        predictions: Of all folds and seeds, by the title of the model; at least two models.
        seed: Seed of the exchanges if there are too many to try all.

    Raises:
        ATMGCNError: If two models did not predict the same clips with the same seeds.
    """
    (first, rows), *others = predictions.items()
    for title, other in others:
        try:
            check_same_clips(rows, other)
        except ATMGCNError as error:
            raise ATMGCNError(f"{first} and {title}: {error}") from error
    accuracy = np.array([list(subject_accuracy(one).values()) for one in predictions.values()])  # [M, S]
    mean_ranks = ranks_of(accuracy).mean(axis=1)
    order = np.argsort(mean_ranks, kind="stable")
    p_values = pairwise_p_values(accuracy[order], seed)
    return ModelRanks(
        tuple(np.array(list(predictions), object)[order]),
        mean_ranks[order],
        accuracy[order],
        p_values,
        groups_of(p_values),
        len({row.seed for row in rows}),
    )


def subject_accuracy(predictions: Sequence[Prediction]) -> dict[str, float]:
    """Share of correct predictions of each subject, over all seeds; subjects are sorted."""
    correct: dict[str, list[bool]] = {}
    for row in predictions:
        correct.setdefault(row.subject, []).append(row.label == row.predicted)
    return {subject: sum(found) / len(found) for subject, found in sorted(correct.items())}


def ranks_of(accuracy: np.ndarray) -> np.ndarray:
    """Rank of each model on each subject: 1 is the highest accuracy, equal models share the mean of their ranks.

    Args:
        accuracy: ``[M, S]``.

    Returns:
        float64 ``[M, S]``.
    """
    higher = (accuracy[None] > accuracy[:, None]).sum(axis=1)  # [M, M, S] -> [M, S]
    equal = (accuracy[None] == accuracy[:, None]).sum(axis=1)
    return 1 + higher + (equal - 1) / 2


def pairwise_p_values(accuracy: np.ndarray, seed: int = 0) -> np.ndarray:
    """p-values of all pairs of models after Holm's correction.

    A pair is tested by how often exchanging the two models' results, for each subject at random, moves the means of
    the subjects' accuracy at least as far apart as they are. Ranks are only drawn, not tested: the mean rank of a
    model depends on which other models take part, and with it the outcome of a test of ranks (Benavoli, Corani and
    Mangili, JMLR 2016).

    Args:
        accuracy: ``[M, S]``.
        seed: Seed of the exchanges if there are too many to try all.

    Returns:
        float64 ``[M, M]``, symmetric, with 1 on the diagonal.
    """
    swap, exact = exchanges(accuracy.shape[1], np.random.default_rng(seed))
    signs = 1.0 - 2.0 * swap  # [P, S]
    pairs, found = list(combinations(range(len(accuracy)), 2)), []
    for one, other in pairs:
        gap = accuracy[one] - accuracy[other]
        reached = int((np.abs(signs @ gap) >= abs(gap.sum()) - TINY).sum())
        found.append(reached / len(signs) if exact else (reached + 1) / (len(signs) + 1))
    p_values = np.ones((len(accuracy), len(accuracy)))
    for (one, other), p in zip(pairs, holm(found), strict=True):
        p_values[one, other] = p_values[other, one] = p
    return p_values


def groups_of(p_values: np.ndarray, level: float = LEVEL) -> tuple[tuple[int, ...], ...]:
    """The largest runs of at least two neighbouring models of which no two differ.

    Args:
        p_values: ``[M, M]``, models in the order of their ranks.
        level: Two models differ if their p-value is at most this.

    Returns:
        The positions of each run's models; runs may overlap, and none is part of another.
    """
    groups: list[tuple[int, ...]] = []
    for start in range(len(p_values)):
        end = start + 1
        while end < len(p_values) and (p_values[start:end, end] > level).all():
            end += 1
        if end - start > 1 and (not groups or end - 1 > groups[-1][-1]):
            groups.append(tuple(range(start, end)))
    return tuple(groups)

"""F1 of action units: several of which may be present in one clip, and of some of which it may not be known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics.chance import expected_f1
from atm_gcn.metrics.interval import drawn_subjects, interval_ends, small_sample_factor, t_quantile

TP, FP, FN, TN = range(4)


@dataclass(frozen=True)
class UnitScores:
    r"""What the counts of some action units say.

    .. math::
        \text{F1}_u = \frac{2 \text{TP}_u}{2 \text{TP}_u + \text{FP}_u + \text{FN}_u}

    Clips in which the state of a unit is unknown are not counted for it.

    Args:
        counts: int64 ``[U, 4]``: of each unit, clips in which it is present and predicted (TP), absent and predicted
            (FP), present and not predicted (FN), and neither (TN).
    """

    counts: np.ndarray

    @property
    def support(self) -> np.ndarray:
        """Clips in which each unit is present, ``[U]``."""
        return self.counts[:, TP] + self.counts[:, FN]

    @property
    def occurs(self) -> np.ndarray:
        """Whether each unit is present in any clip, bool ``[U]``; without one, it has no F1."""
        return self.support > 0

    @property
    def precision(self) -> np.ndarray:
        """Share of the clips with each predicted unit that have it, ``[U]`` in [0, 1]."""
        return self.counts[:, TP] / np.maximum(self.counts[:, TP] + self.counts[:, FP], 1)

    @property
    def recall(self) -> np.ndarray:
        """Share of the clips that have each unit in which it is predicted, ``[U]`` in [0, 1]."""
        return self.counts[:, TP] / np.maximum(self.support, 1)

    @property
    def f1(self) -> np.ndarray:
        """Harmonic mean of precision and recall, ``[U]`` in [0, 1]."""
        return f1_of(self.counts)

    @property
    def mean_f1(self) -> float:
        """Mean of :attr:`f1` over the units that occur, in [0, 1]; 0 if none does."""
        return float(mean_f1_of(self.counts))

    def per_unit(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """One row per unit: ``unit``, ``precision``, ``recall``, ``f1`` (None if it does not occur) and ``support``."""
        columns = (self.precision.tolist(), self.recall.tolist(), self.f1.tolist(), self.support.tolist())
        return [
            {"unit": name, "precision": precision, "recall": recall, "f1": f1 if support else None, "support": support}
            for name, precision, recall, f1, support in zip(names, *columns, strict=True)
        ]


def unit_counts(states: Any, predicted: Any) -> np.ndarray:
    """Count clips by the true and the predicted state of each unit.

    Args:
        states: ``[num_clips, U]``: 1 present, 0 absent, -1 unknown; a nested sequence, an array or a tensor.
        predicted: ``[num_clips, U]``: whether each unit is predicted.

    Returns:
        int64 ``[U, 4]``, as :attr:`UnitScores.counts`.

    Raises:
        ATMGCNError: If the two are not tables of the same size, or a state is another number.
    """
    true, found = np.asarray(states), np.asarray(predicted).astype(bool)
    if true.ndim != 2 or true.shape != found.shape:
        raise ATMGCNError(
            f"states and predictions must be two tables of one size, clips by units, not {list(true.shape)} and "
            f"{list(found.shape)}"
        )
    if not np.isin(true, (-1, 0, 1)).all():
        raise ATMGCNError("a state must be 1 for a unit that is present, 0 for one that is absent, or -1 if unknown")
    present, absent = true == 1, true == 0
    cells = (present & found, absent & found, present & ~found, absent & ~found)
    return np.stack([cell.sum(axis=0) for cell in cells], axis=-1).astype(np.int64)


def unit_scores(states: Any, predicted: Any) -> UnitScores:
    """The scores of predictions of action units, from counts over all clips; arguments as of :func:`unit_counts`."""
    return UnitScores(unit_counts(states, predicted))


def f1_of(counts: np.ndarray) -> np.ndarray:
    """F1 of counts ``[..., U, 4]``: ``[..., U]`` in [0, 1]; 0 for a unit that neither occurs nor is predicted."""
    hits = 2 * counts[..., TP]
    return hits / np.maximum(hits + counts[..., FP] + counts[..., FN], 1)


def mean_f1_of(counts: np.ndarray) -> np.ndarray:
    """Mean F1 over the units that occur, of counts ``[..., U, 4]``: ``[...]`` in [0, 1]; 0 if none does."""
    occurs = counts[..., TP] + counts[..., FN] > 0
    return (f1_of(counts) * occurs).sum(axis=-1) / np.maximum(occurs.sum(axis=-1), 1)


def reference_f1(counts: np.ndarray) -> dict[str, float]:
    """Mean F1 of two predictions that need no model, over the units that occur.

    Args:
        counts: ``[U, 4]``, of any predictions.

    Returns:
        ``always_on``, of predicting every unit in every clip, which is 2 q / (1 + q) for a unit that is present in a
        share q of the clips; and ``chance``, the expected one of predicting it at random with probability q.
    """
    support, clips = counts[:, TP] + counts[:, FN], counts.sum(axis=1)
    pairs = [(int(some), int(all_clips)) for some, all_clips in zip(support, clips, strict=True) if some]
    always, drawn = [2 * some / (some + all_clips) for some, all_clips in pairs], [expected_f1(*pair) for pair in pairs]
    return {"always_on": float(np.mean(always or [0.0])), "chance": float(np.mean(drawn or [0.0]))}


def mean_f1_interval(counts: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of the mean F1 over subjects.

    As for :func:`~atm_gcn.metrics.interval.score_interval`, the standard error is that of a bootstrap over subjects,
    each drawn with all its clips and seeds, and the interval is symmetric on the logit scale with Student's t for
    S - 1 degrees of freedom. The mean F1 of a resample is over the units that occur in it.

    Args:
        counts: Of every subject and seed, ``[S, num_seeds, U, 4]``.
        seed: Seed of the bootstrap.

    Returns:
        Lower and upper end; 0 and 1 for a single subject.
    """
    num_subjects = len(counts)
    if num_subjects == 1:
        return 0.0, 1.0
    drawn = drawn_subjects(num_subjects, np.random.default_rng(seed))
    resampled = (drawn @ counts.reshape(num_subjects, -1)).reshape(len(drawn), *counts.shape[1:])
    error = mean_f1_of(resampled).mean(axis=1).std() * small_sample_factor(num_subjects)
    score = float(mean_f1_of(counts.sum(axis=0)).mean())
    return interval_ends(score, t_quantile(num_subjects - 1) * float(error), num_subjects)

"""The difference between two runs, from their predictions."""

from itertools import product

import numpy as np
import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics import scores
from atm_gcn.training.comparison.difference import compare
from atm_gcn.training.results.predictions import Prediction, count_by_subject

NAMES = ["a", "b", "c"]


def rows(accuracy: float, subjects: int = 8, clips: int = 12, seeds: int = 1, draw: int = 0) -> list[Prediction]:
    """Predictions of which about a share is correct; the same clips for every ``accuracy`` and ``draw``."""
    rng, found = np.random.default_rng([draw, subjects]), []
    for seed, subject, clip in product(range(seeds), range(subjects), range(clips)):
        label = clip % 3
        predicted = label if rng.random() < accuracy else (label + 1) % 3
        key = f"s{subject}"
        found.append(Prediction(f"{key}/{clip}", key, NAMES[label], NAMES[predicted], (), seed if seeds > 1 else None))
    return found


def pooled_scores(side: list[Prediction]):
    true, predicted = ([NAMES.index(getattr(row, key)) for row in side] for key in ("label", "predicted"))
    return scores(true, predicted, 3)


def test_counts_of_a_subject_and_seed():
    counts = count_by_subject(rows(0.5, seeds=2), NAMES)
    assert list(counts) == [f"s{subject}" for subject in range(8)]
    assert all(one.shape == (2, 3, 3) and (one.sum(axis=(1, 2)) == 12).all() for one in counts.values())


def test_the_difference_is_that_of_the_pooled_scores():
    one, other = rows(0.9), rows(0.5, draw=1)
    pooled = [pooled_scores(side) for side in (one, other)]
    found = compare(one, other, NAMES)
    for key in ("uf1", "uar", "acc"):
        assert found[key].value == pytest.approx(getattr(pooled[0], key) - getattr(pooled[1], key))


def test_seeds_stay_with_their_subject():
    one, other = rows(0.9, seeds=3), rows(0.5, seeds=3, draw=1)
    each = []
    for seed in range(3):
        sides = [[row for row in side if row.seed == seed] for side in (one, other)]
        each.append(compare(*sides, NAMES)["uf1"].value)
    assert compare(one, other, NAMES)["uf1"].value == pytest.approx(np.mean(each))


def test_other_clips_cannot_be_compared():
    with pytest.raises(ATMGCNError, match="same clips with the same seeds"):
        compare(rows(0.9), rows(0.9)[1:], NAMES)

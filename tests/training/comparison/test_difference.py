"""Differences between two models tested on the same subjects."""

from itertools import product

import numpy as np
import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics import scores
from atm_gcn.training.comparison.difference import compare, count_by_subject, exchanges, method
from atm_gcn.training.results.predictions import Prediction

NAMES = ["a", "b", "c"]


def rows(right: float, subjects: int = 8, clips: int = 12, seeds: int = 1, draw: int = 0) -> list[Prediction]:
    """Predictions of which about a share is right; the same clips for every ``right`` and ``draw``."""
    rng, found = np.random.default_rng([draw, subjects]), []
    for seed, subject, clip in product(range(seeds), range(subjects), range(clips)):
        label = clip % 3
        called = label if rng.random() < right else (label + 1) % 3
        key = f"s{subject}"
        found.append(Prediction(f"{key}/{clip}", key, NAMES[label], NAMES[called], (), seed if seeds > 1 else None))
    return found


def pooled_scores(side: list[Prediction]):
    true, called = ([NAMES.index(getattr(row, key)) for row in side] for key in ("label", "predicted"))
    return scores(true, called, 3)


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
        assert found[key].low < found[key].value < found[key].high


def test_a_clear_difference_is_as_unlikely_as_eight_subjects_can_show():
    found = compare(rows(0.95), rows(0.4, draw=1), NAMES)["uf1"]
    assert found.p == 2 / 2**8
    assert found.low > 0


def test_equal_models_are_no_surprise():
    found = compare(rows(0.7), rows(0.7), NAMES)["uf1"]
    assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_by_hand_with_two_subjects():
    """Four exchanges; only none and all of them reach the observed difference."""
    one = [Prediction("s/1", "s", "a", "a", ()), Prediction("t/1", "t", "b", "b", ())]
    other = [Prediction("s/1", "s", "a", "b", ()), Prediction("t/1", "t", "b", "a", ())]
    assert compare(one, other, ["a", "b"])["acc"].p == 0.5


def test_chance_is_found_as_often_as_it_says():
    """Of many pairs of equally good models, about a tenth differ with p of at most 0.1."""
    found = [compare(rows(0.6, 8, 6, draw=2 * i), rows(0.6, 8, 6, draw=2 * i + 1), NAMES)["acc"].p for i in range(60)]
    assert np.mean(np.array(found) <= 0.1) < 0.25
    assert np.mean(np.array(found) > 0.5) > 0.25


def test_many_subjects_are_drawn_not_counted():
    swap, exact = exchanges(14, np.random.default_rng(0))
    assert (swap.shape, exact) == ((10_000, 14), False)
    assert exchanges(3, np.random.default_rng(0))[0].shape == (8, 3)
    assert "exact over all 256 exchanges" in method(8) and "10,000 random exchanges" in method(14)
    one = compare(rows(0.9, 20), rows(0.4, 20, draw=1), NAMES, seed=3)
    assert one == compare(rows(0.9, 20), rows(0.4, 20, draw=1), NAMES, seed=3)
    assert one["acc"].p == pytest.approx(1 / 10_001)


def test_seeds_are_averaged_and_stay_with_their_subject():
    one, other = rows(0.9, seeds=3), rows(0.5, seeds=3, draw=1)
    each = []
    for seed in range(3):
        sides = [[row for row in side if row.seed == seed] for side in (one, other)]
        each.append(compare(*sides, NAMES)["uf1"].value)
    assert compare(one, other, NAMES)["uf1"].value == pytest.approx(np.mean(each))


def test_other_clips_cannot_be_compared():
    with pytest.raises(ATMGCNError, match="same clips with the same seeds"):
        compare(rows(0.9), rows(0.9)[1:], NAMES)

"""The permutation test and the bootstrap over subjects, on confusion matrices."""

import numpy as np
import pytest

from atm_gcn.metrics import paired_permutation_test, scores_of
from atm_gcn.metrics.permutation_test import Difference, exchanges, method


def counts(accuracy: float, subjects: int = 8, clips: int = 12, seeds: int = 1, draw: int = 0) -> np.ndarray:
    """Confusion matrices ``[subjects, seeds, 3, 3]`` of a model that predicts about so many clips correctly."""
    rng = np.random.default_rng([draw, subjects])
    label = np.arange(clips) % 3
    predicted = np.where(rng.random((subjects, seeds, clips)) < accuracy, label, (label + 1) % 3)
    matrices = np.zeros((subjects, seeds, 3, 3), np.int64)
    for (subject, seed, clip), other in np.ndenumerate(predicted):
        matrices[subject, seed, label[clip], other] += 1
    return matrices


def test_the_difference_is_that_of_the_pooled_scores():
    first, second = counts(0.9), counts(0.5, draw=1)
    expected = scores_of(first.sum(axis=(0, 1))) - scores_of(second.sum(axis=(0, 1)))
    found = paired_permutation_test(first, second)
    for value, difference in zip(expected, found.values(), strict=True):
        assert difference.value == pytest.approx(value)
        assert difference.low < difference.value < difference.high


def test_a_clear_difference_is_as_unlikely_as_eight_subjects_can_show():
    found = paired_permutation_test(counts(0.95), counts(0.4, draw=1))["uf1"]
    assert found.p == 2 / 2**8
    assert found.low > 0


def test_equal_models_do_not_differ():
    found = paired_permutation_test(counts(0.7), counts(0.7))["uf1"]
    assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_by_hand_with_two_subjects():
    """Four exchanges; only none and all of them reach the observed difference."""
    right = np.array([[[[1, 0], [0, 0]]], [[[0, 0], [0, 1]]]])
    wrong = np.array([[[[0, 1], [0, 0]]], [[[0, 0], [1, 0]]]])
    assert paired_permutation_test(right, wrong)["acc"].p == 0.5


def test_p_values_of_equal_models_are_uniform():
    """Of many pairs of equally good models, about a tenth differ with p of at most 0.1."""
    pairs = [(counts(0.6, 8, 6, draw=2 * i), counts(0.6, 8, 6, draw=2 * i + 1)) for i in range(60)]
    found = np.array([paired_permutation_test(*pair)["acc"].p for pair in pairs])
    assert np.mean(found <= 0.1) < 0.25
    assert np.mean(found > 0.5) > 0.25


def test_exchanges_of_many_subjects_are_drawn():
    swap, exact = exchanges(14, np.random.default_rng(0))
    assert (swap.shape, exact) == ((10_000, 14), False)
    assert exchanges(3, np.random.default_rng(0))[0].shape == (8, 3)
    assert "exact over all 256 exchanges" in method(8) and "10,000 random exchanges" in method(14)
    first, second = counts(0.9, 20), counts(0.4, 20, draw=1)
    found = paired_permutation_test(first, second, seed=3)
    assert found == paired_permutation_test(first, second, seed=3)
    assert found["acc"].p == pytest.approx(1 / 10_001)


def test_seeds_are_averaged():
    first, second = counts(0.9, seeds=3), counts(0.5, seeds=3, draw=1)
    each = [paired_permutation_test(first[:, [s]], second[:, [s]])["uf1"].value for s in range(3)]
    assert paired_permutation_test(first, second)["uf1"].value == pytest.approx(np.mean(each))


def test_a_difference_prints_its_interval_and_p():
    assert str(Difference(0.0512, -0.0251, 0.125, 0.1875)) == "+0.051 [-0.025, +0.125], p 0.188"

"""Chance levels against a guesser, and against counts made by hand."""

from math import comb

import numpy as np
import pytest

from atm_gcn.metrics import SCORES, chance_level, largest_class_scores, scores


def test_agrees_with_a_guesser():
    support, rng = np.array([25, 12, 3]), np.random.default_rng(0)
    true, shares = np.repeat(np.arange(3), support), support / support.sum()
    guesses = rng.choice(3, size=(4000, 40), p=shares)
    drawn = [[getattr(scores(true, guess, 3), name) for name in SCORES] for guess in guesses]
    assert list(chance_level(support).values()) == pytest.approx(np.mean(drawn, axis=0), abs=0.005)


def test_by_hand_with_two_clips():
    """Each clip is right with probability 1/2: F1 of a class is 1, 2/3, 0 or 0."""
    assert chance_level(np.array([1, 1])) == pytest.approx({"uf1": (1 + 2 / 3) / 4, "uar": 0.5, "acc": 0.5})


def test_uf1_is_the_sum_over_the_number_of_predictions():
    n, count = 20, 7
    q = count / n
    one = sum(comb(n, k) * q**k * (1 - q) ** (n - k) * 2 * k * q / (count + k) for k in range(n + 1))
    other = sum(comb(n, k) * (1 - q) ** k * q ** (n - k) * 2 * k * (1 - q) / (n - count + k) for k in range(n + 1))
    assert chance_level(np.array([count, n - count]))["uf1"] == pytest.approx((one + other) / 2)


def test_a_class_without_clips_counts_zero():
    assert chance_level(np.array([4, 0])) == pytest.approx({"uf1": 0.5, "uar": 0.5, "acc": 1.0})


def test_the_largest_class():
    expected = {"uf1": 2 * 0.6 / 1.6 / 3, "uar": 1 / 3, "acc": 0.6}
    assert largest_class_scores(np.array([2, 6, 2])) == pytest.approx(expected)

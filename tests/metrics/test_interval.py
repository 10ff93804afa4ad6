"""Intervals over subjects, on confusion matrices."""

import numpy as np
import pytest

from atm_gcn.metrics import score_interval, scores_of
from atm_gcn.metrics.interval import t_quantile
from tests.metrics.test_permutation_test import counts


@pytest.mark.parametrize(("degrees", "quantile"), [(1, 12.706), (4, 2.776), (24, 2.064), (1000, 1.962)])
def test_quantiles_of_student_t(degrees, quantile):
    assert t_quantile(degrees) == pytest.approx(quantile, abs=5e-4)


@pytest.mark.parametrize("seeds", [1, 3])
def test_the_score_lies_inside_and_more_subjects_narrow_it(seeds):
    widths = []
    for subjects in (4, 16, 64):
        confusions = counts(0.6, subjects, seeds=seeds)
        values = scores_of(confusions.sum(axis=0)).mean(axis=0)
        found = score_interval(confusions)
        assert all(0 < low < value < high < 1 for value, (low, high) in zip(values, found.values(), strict=True))
        widths.append(found["uf1"][1] - found["uf1"][0])
    assert widths[0] > 1.5 * widths[1] > 2 * widths[2]


def test_seeds_are_not_subjects():
    one = counts(0.6, 6)
    width = {seeds: np.subtract(*score_interval(np.repeat(one, seeds, axis=1))["acc"]) for seeds in (1, 4)}
    assert width[4] == pytest.approx(width[1], rel=0.05)


def test_it_covers_the_accuracy_of_all_people():
    """People differ: their own accuracies are 0.3 or 0.9."""
    rng, covered = np.random.default_rng(0), 0
    for draw in range(200):
        people = rng.choice([0.3, 0.9], size=5)
        low, high = score_interval(np.concatenate([counts(p, 1, draw=1000 * draw + i) for i, p in enumerate(people)]))[
            "acc"
        ]
        covered += low <= 0.6 <= high
    assert covered / 200 >= 0.9


def test_alike_subjects_do_not_give_a_width_of_zero():
    alike = np.repeat(np.array([[[[2, 1], [1, 2]]]]), 3, axis=0)
    assert all(low < 0.5 and high > 0.8 for low, high in score_interval(alike).values())


def test_a_perfect_score_is_no_certainty():
    perfect = np.repeat(np.array([[[[3, 0, 0], [0, 2, 0], [0, 0, 0]]]]), 4, axis=0)
    low = 0.025 ** (1 / 4)
    found = score_interval(perfect)
    assert found["acc"] == pytest.approx((low, 1))
    assert found["uf1"] == pytest.approx((low * 2 / 3, 2 / 3))  # a class without clips counts 0
    assert score_interval(np.roll(perfect, 1, axis=3))["acc"] == pytest.approx((0, 1 - low))


def test_a_class_that_only_one_subject_shows():
    """A third of the resamples lack the class; that does not count as a failure of the model."""
    rare = np.repeat(np.array([[[[5, 1], [0, 0]]]]), 5, axis=0)
    rare[0, 0, 1] = [3, 15]
    low, high = score_interval(rare)["uar"]
    assert 0.6 < low < high < 0.95


def test_one_subject_says_nothing():
    assert set(score_interval(counts(0.6, 1)).values()) == {(0.0, 1.0)}


def test_equal_to_the_bit_each_time():
    assert score_interval(counts(0.6)) == score_interval(counts(0.6))

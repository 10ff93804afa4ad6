"""The measurement of the intervals' coverage, on a few samples."""

import numpy as np
import pytest

from benchmarks.method import intervals

EVEN = intervals.POPULATIONS["three classes, even"]


def test_both_models_predict_the_same_clips():
    first, second = EVEN.sample(50, np.random.default_rng(0))
    assert first.shape == second.shape == (50, 1, 3, 3)
    assert (first.sum(axis=3) == second.sum(axis=3)).all() and (first != second).any()


def test_a_larger_sample_has_the_score_of_all_people():
    first, second = EVEN.sample(20_000, np.random.default_rng(0))
    assert intervals.scores_of(first.sum(axis=(0, 1)))[2] == pytest.approx(0.59, abs=0.02)  # people differ about 0.6
    assert intervals.scores_of(second.sum(axis=(0, 1)))[2] > 0.65


def test_coverage_of_few_people():
    found = intervals.coverage(EVEN, 5, samples=30, seed=1)
    assert (found["score"] >= 0.8).all() and (found["score"] <= 1).all()
    assert (found["percentile"] <= found["score"]).all()
    assert (found["width"] < 1).all()

"""F1 of action units from pooled counts."""

import numpy as np
import pytest
import torch

from atm_gcn import ATMGCNError
from atm_gcn.metrics import UnitScores, unit_scores
from atm_gcn.metrics.action_units import mean_f1_interval, mean_f1_of, reference_f1, unit_counts

STATES = [[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, -1, 0]]
PREDICTED = [[1, 0, 0], [0, 1, 1], [1, 1, 0], [0, 1, 0]]


def test_counts_and_scores_by_hand():
    found = unit_scores(STATES, PREDICTED)
    assert found.counts.tolist() == [[1, 1, 1, 1], [2, 0, 0, 1], [0, 1, 0, 3]]
    assert found.f1.tolist() == [0.5, 1.0, 0.0]
    assert found.occurs.tolist() == [True, True, False]
    assert found.mean_f1 == 0.75  # the third unit is in no clip
    assert found.per_unit(["AU1", "AU2", "AU4"])[2] == {
        "unit": "AU4",
        "precision": 0.0,
        "recall": 0.0,
        "f1": None,
        "support": 0,
    }
    assert (unit_scores(torch.tensor(STATES), torch.tensor(PREDICTED)).counts == found.counts).all()


def test_counts_are_added_before_f1_is_computed():
    folds = [unit_counts(STATES[:2], PREDICTED[:2]), unit_counts(STATES[2:], PREDICTED[2:])]
    pooled = UnitScores(sum(folds))
    assert (pooled.counts == unit_counts(STATES, PREDICTED)).all()
    assert pooled.mean_f1 != np.mean([UnitScores(fold).mean_f1 for fold in folds])


def test_f1_against_a_plain_implementation():
    rng = np.random.default_rng(0)
    states, predicted = rng.integers(-1, 2, (60, 5)), rng.random((60, 5)) < 0.5
    for unit, f1 in enumerate(unit_scores(states, predicted).f1):
        known = states[:, unit] >= 0
        true, found = states[known, unit] == 1, predicted[known, unit]
        precision, recall = (true & found).sum() / found.sum(), (true & found).sum() / true.sum()
        assert f1 == pytest.approx(2 * precision * recall / (precision + recall))


def test_references():
    counts = unit_counts([[1, 0], [0, 0], [0, 0], [1, 0]], np.zeros((4, 2)))
    always = unit_scores([[1, 0], [0, 0], [0, 0], [1, 0]], np.ones((4, 2)))
    found = reference_f1(counts)
    assert found["always_on"] == pytest.approx(always.mean_f1) == pytest.approx(2 / 3)
    rng = np.random.default_rng(0)
    draws = [unit_scores([[1], [0], [0], [1]], rng.random((4, 1)) < 0.5).mean_f1 for _ in range(20_000)]
    assert found["chance"] == pytest.approx(np.mean(draws), abs=0.01)


def test_interval():
    rng = np.random.default_rng(1)
    states = rng.integers(0, 2, (12, 20, 3))
    predicted = np.where(rng.random(states.shape) < 0.8, states, 1 - states)
    counts = np.stack([unit_counts(*pair)[None] for pair in zip(states, predicted, strict=True)])
    low, high = mean_f1_interval(counts)
    assert 0 < low < float(mean_f1_of(counts.sum(axis=(0, 1)))) < high < 1 and high - low < 0.2
    assert mean_f1_interval(counts[:1]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("states", "predicted", "said"),
    [
        ([[1, 0]], [[1]], "two tables of one size"),
        ([1, 0], [1, 0], "two tables of one size"),
        ([[2, 0]], [[1, 0]], "a state must be 1"),
    ],
)
def test_wrong_tables_are_refused(states, predicted, said):
    with pytest.raises(ATMGCNError, match=said):
        unit_counts(states, predicted)

"""Scores against counts made by hand."""

import numpy as np
import pytest
import torch

from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics import per_subject_mean, scores, scores_of

TRUE = [0, 0, 0, 1, 1, 2]
PREDICTED = [0, 0, 1, 1, 2, 2]


def test_by_hand():
    score = scores(TRUE, PREDICTED, 3)
    assert score.confusion.tolist() == [[2, 1, 0], [0, 1, 1], [0, 0, 1]]
    assert score.recall == pytest.approx([2 / 3, 1 / 2, 1])
    assert score.precision == pytest.approx([1, 1 / 2, 1 / 2])
    assert score.f1 == pytest.approx([4 / 5, 1 / 2, 2 / 3])
    assert score.uf1 == pytest.approx((4 / 5 + 1 / 2 + 2 / 3) / 3)
    assert score.uar == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert score.acc == pytest.approx(4 / 6)


def test_a_class_that_never_occurs_counts_zero():
    score = scores(TRUE, PREDICTED, 4)
    assert score.uf1 == pytest.approx(scores(TRUE, PREDICTED, 3).uf1 * 3 / 4)
    assert score.uar == pytest.approx(scores(TRUE, PREDICTED, 3).uar * 3 / 4)
    assert score.acc == pytest.approx(4 / 6)


def test_a_class_that_is_only_predicted_counts_zero():
    assert scores([0, 0], [0, 1], 2).uf1 == pytest.approx((2 / 3 + 0) / 2)


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor])
def test_takes_sequences_arrays_and_tensors(kind):
    assert scores(kind(TRUE), kind(PREDICTED), 3).acc == pytest.approx(4 / 6)


def test_agrees_with_a_loop_over_the_definition():
    rng = np.random.default_rng(0)
    true, predicted = rng.integers(5, size=200), rng.integers(5, size=200)
    f1 = []
    for c in range(5):
        hits = sum(t == p == c for t, p in zip(true, predicted, strict=True))
        false_alarms = sum(p == c != t for t, p in zip(true, predicted, strict=True))
        misses = sum(t == c != p for t, p in zip(true, predicted, strict=True))
        f1.append(2 * hits / (2 * hits + false_alarms + misses))
    assert scores(true, predicted, 5).uf1 == pytest.approx(np.mean(f1))


def test_many_at_once_are_each_alone():
    rng = np.random.default_rng(1)
    pairs = rng.integers(4, size=(6, 2, 30))
    each = [scores(true, predicted, 4) for true, predicted in pairs]
    each.append(scores([0, 0, 1], [0, 3, 0], 4))  # two classes without a clip
    table = scores_of(np.stack([one.confusion for one in each]).reshape(7, 1, 4, 4))
    np.testing.assert_allclose(table[:, 0], [[one.uf1, one.uar, one.acc] for one in each])


def test_table_of_classes():
    table = scores(TRUE, PREDICTED, 3).per_class(["a", "b", "c"])
    assert table[1] == {"class": "b", "precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2}


def test_the_mean_over_subjects_is_another_number():
    mean = per_subject_mean(TRUE, PREDICTED, ["s", "s", "s", "s", "t", "t"], 3)
    s, t = scores(TRUE[:4], PREDICTED[:4], 3), scores(TRUE[4:], PREDICTED[4:], 3)
    assert mean == pytest.approx({name: (getattr(s, name) + getattr(t, name)) / 2 for name in ("uf1", "uar", "acc")})
    assert mean["uf1"] != pytest.approx(scores(TRUE, PREDICTED, 3).uf1)


@pytest.mark.parametrize(
    ("true", "predicted", "message"),
    [
        ([], [], "no clips to score"),
        ([0, 1], [0], "2 clips and y_pred 1"),
        ([0, 3], [0, 1], "y_true holds 3, which is none of the 3 classes"),
        ([0, 1], [0, -1], "y_pred holds -1"),
        ([0.5], [0], "y_true holds float64 values"),
    ],
)
def test_wrong_input_is_named(true, predicted, message):
    with pytest.raises(ATMGCNError, match=message):
        scores(true, predicted, 3)

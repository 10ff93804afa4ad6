"""Ranks of models over subjects, groups of models, and their figure."""

import sys
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics import holm
from atm_gcn.training.comparison.rank_figure import bar_levels, draw_ranks, rank_figure
from atm_gcn.training.comparison.ranks import (
    ModelRanks,
    groups_of,
    pairwise_p_values,
    rank_models,
    ranks_of,
    subject_accuracy,
)
from tests.training.comparison.builders import LONG, models, picture, texts_that_collide


def brute_force_ranks(column):
    """Mean place of each value over all orders that sort the column in descending order."""
    order = sorted(column, reverse=True)
    return [np.mean([place for place, value in enumerate(order, start=1) if value == own]) for own in column]


def drawn(titles, mean_ranks, groups):
    count = len(titles)
    return ModelRanks(tuple(titles), np.array(mean_ranks), np.zeros((count, 24)), np.ones((count, count)), groups)


def test_ranks_by_hand():
    accuracy = np.array([[0.9, 0.5, 0.2], [0.8, 0.5, 0.2], [0.7, 0.6, 0.2]])
    assert ranks_of(accuracy).tolist() == [[1, 2.5, 2], [2, 2.5, 2], [3, 1, 2]]


def test_ranks_by_brute_force():
    accuracy = np.random.default_rng(0).integers(0, 4, (7, 40)) / 4
    expected = np.array([brute_force_ranks(column) for column in accuracy.T.tolist()]).T
    assert np.array_equal(ranks_of(accuracy), expected)
    assert ranks_of(accuracy).sum(axis=0).tolist() == [28] * 40


def test_accuracy_of_a_subject_is_the_mean_over_seeds():
    predictions = models(1, seeds=3)[0].predictions
    each = [subject_accuracy([row for row in predictions if row.seed == seed]) for seed in range(3)]
    for subject, found in subject_accuracy(predictions).items():
        assert found == pytest.approx(np.mean([one[subject] for one in each]))


def test_p_values_by_brute_force():
    accuracy = np.random.default_rng(1).integers(0, 4, (4, 9)) / 12 + [[0.6], [0.5], [0.3], [0.0]]
    found = []
    for one, other in combinations(range(4), 2):
        gap = accuracy[one] - accuracy[other]
        flips = [abs(np.dot(signs, gap)) for signs in product((1, -1), repeat=9)]
        found.append(np.mean([flip >= abs(gap.sum()) - 1e-12 for flip in flips]))
    p_values = pairwise_p_values(accuracy)
    assert min(found) == 2 / 2**9
    assert p_values[np.triu_indices(4, 1)] == pytest.approx(holm(found))
    assert np.array_equal(p_values, p_values.T) and (np.diag(p_values) == 1).all()


def groups_where(count, differing):
    p_values = np.ones((count, count))
    for one, other in differing:
        p_values[one, other] = p_values[other, one] = 0.05
    return groups_of(p_values)


def test_groups():
    assert groups_where(3, []) == ((0, 1, 2),)
    assert groups_where(3, [(0, 2)]) == ((0, 1), (1, 2))
    assert groups_where(3, [(0, 1), (0, 2), (1, 2)]) == ()
    assert groups_where(4, [(0, 1), (0, 2), (0, 3)]) == ((1, 2, 3),)
    assert groups_where(4, [(1, 2)]) == ((0, 1), (2, 3))  # 0 and 3 do not differ, but are no neighbours


def test_models_are_ordered_and_compared():
    compared = models(5, subjects=14, seeds=2)
    ranks = rank_models({one.title: one.predictions for one in reversed(compared)})
    assert (np.diff(ranks.mean_ranks) >= 0).all() and ranks.mean_ranks.mean() == pytest.approx(3)
    by_title = {one.title: list(subject_accuracy(one.predictions).values()) for one in compared}
    assert ranks.accuracy.tolist() == [by_title[title] for title in ranks.titles]
    assert ranks.mean_ranks == pytest.approx(ranks_of(ranks.accuracy).mean(axis=1))
    assert all((ranks.p_values[np.ix_(group, group)] > 0.05).all() for group in ranks.groups)
    assert "14 subjects, mean over 2 seeds" in ranks.caption and "10,000 random exchanges" in ranks.caption
    assert "Holm's correction over 10 pairs" in ranks.caption and "cannot tell" not in ranks.caption


def test_too_few_subjects_are_said_and_show_no_difference():
    ranks = rank_models({one.title: one.predictions for one in models(8, subjects=6)})
    assert "With 6 subjects and 28 pairs, this test cannot tell any two models apart." in ranks.caption
    assert ranks.groups == (tuple(range(8)),)


def test_other_clips_cannot_be_ranked():
    one, other = models(2)
    fewer = replace(other, predictions=other.predictions[1:])
    with pytest.raises(ATMGCNError, match=r"Model-0 and Model-1: .*same clips"):
        rank_models({one.title: one.predictions, fewer.title: fewer.predictions})


def test_bars_in_one_line_do_not_touch():
    ranks = drawn("abcdef", [1, 2, 3, 4, 5, 6], ((0, 1, 2), (1, 2, 3), (2, 3, 4), (4, 5)))
    assert bar_levels(ranks) == [0, 1, 2, 0]


@pytest.mark.parametrize("count", [2, 3, 14])
@pytest.mark.parametrize("spread", [0, 0.05, 1])
def test_texts_do_not_overlap(count, spread):
    mean_ranks = (count + 1) / 2 + spread * (np.arange(count) - (count - 1) / 2)
    groups = tuple((start, start + 1) for start in range(count - 1))
    assert texts_that_collide(rank_figure(drawn([LONG] * count, mean_ranks, groups))) == []


def test_picture(tmp_path, monkeypatch, caplog):
    ranks = rank_models({one.title: one.predictions for one in models(3)})
    draw_ranks(ranks, tmp_path / "ranks.png")
    picture(tmp_path / "ranks.png")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    draw_ranks(ranks, tmp_path / "other.png")
    assert "pip install -e '.[train]'" in caplog.text and not (tmp_path / "other.png").exists()

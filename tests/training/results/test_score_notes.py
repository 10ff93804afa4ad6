"""Sentences on what the scores can and cannot say."""

import pytest

from atm_gcn.training.results.score_notes import interval_text, score_notes


def notes(intervals, subjects=20):
    found = dict(zip(("uf1", "uar", "acc"), intervals, strict=True))
    return score_notes({"interval": found, "chance": {"uf1": 0.3, "uar": 0.33, "acc": 0.4}, "num_subjects": subjects})


def test_clear_scores_of_many_subjects_need_no_note():
    assert notes([(0.5, 0.7), (0.5, 0.7), (0.5, 0.7)]) == []


@pytest.mark.parametrize(
    ("intervals", "sentence"),
    [
        (
            [(0.2, 0.7), (0.5, 0.7), (0.5, 0.7)],
            "UF1 is not distinguishable from chance: its 95 % interval includes it.",
        ),
        (
            [(0.2, 0.7), (0.5, 0.7), (0.4, 0.7)],
            "UF1 and ACC are not distinguishable from chance: their intervals include it.",
        ),
        (
            [(0.2, 0.7), (0.1, 0.7), (0.3, 0.7)],
            "UF1, UAR and ACC are not distinguishable from chance: their intervals include it.",
        ),
        ([(0.1, 0.2), (0.5, 0.7), (0.5, 0.7)], "UF1 is below chance."),
    ],
)
def test_scores_at_chance(intervals, sentence):
    assert notes(intervals) == [sentence]


def test_few_subjects():
    clear, wide = [(0.45, 0.81)] * 3, [(0.1, 0.81)] * 3
    assert notes(clear, subjects=10) == []
    assert notes(clear, subjects=9) == [
        "With only 9 subjects, UF1 over all people may be 0.45 to 0.81: "
        "it differs from chance, but is too uncertain to rank models."
    ]
    assert notes(wide, subjects=9)[1].endswith("may be 0.10 to 0.81: too uncertain to rank models.")
    assert notes([(0.0, 1.0)] * 3, subjects=1)[1] == "A score of one subject says nothing about other people."


def test_metrics_of_earlier_versions_give_none():
    assert score_notes({"uf1": 0.5, "num_subjects": 3}) == []


def test_intervals_as_text():
    assert interval_text([0.214, 1.0]) == "0.21-1.00"

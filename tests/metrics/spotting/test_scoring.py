"""Scores of spotting and of spot-then-recognise, by hand."""

import math

import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics import spotting_scores
from atm_gcn.metrics.spotting import Spotted


def test_counts_are_added_over_videos_before_anything_is_divided():
    truth = [("v1", 10, 19), ("v1", 50, 69), ("v2", 5, 14)]
    found = [("v1", 10, 19), ("v1", 100, 109), ("v2", 5, 14), ("v3", 1, 9)]  # v3 has no truth
    scores = spotting_scores(truth, found)
    assert scores.overall == Spotted(tp=2, fp=2, fn=1)
    assert (scores.overall.precision, scores.overall.recall) == (2 / 4, 2 / 3)
    assert scores.f1 == pytest.approx(2 * 2 / (2 * 2 + 2 + 1))
    assert scores.num_videos == 3 and scores.analysis is None and scores.strs is None


def test_kinds_are_matched_apart_and_pooled():
    truth = [("v", 10, 19, None, "micro"), ("v", 50, 99, None, "macro"), ("v", 200, 249, None, "macro")]
    found = [("v", 10, 19, None, "macro"), ("v", 50, 99, None, "macro")]
    scores = spotting_scores(truth, found)
    assert scores.kinds == {"micro": Spotted(0, 0, 1), "macro": Spotted(1, 1, 1)}
    assert scores.overall == Spotted(1, 1, 2)


def test_the_same_video_of_two_people_is_two_videos():
    truth = [{"subject": "1", "video": "v", "onset": 1, "offset": 9}]
    found = [{"subject": "2", "video": "v", "onset": 1, "offset": 9}]
    assert spotting_scores(truth, found).overall == Spotted(0, 1, 1)


@pytest.mark.parametrize(
    ("truth", "found", "f1"),
    [([], [], 0.0), ([("v", 1, 9)], [], 0.0), ([], [("v", 1, 9)], 0.0), ([("v", 1, 9)],) * 2 + (1.0,)],
)
def test_nothing_to_divide_by(truth, found, f1):
    assert spotting_scores(truth, found).f1 == f1


SPOTTED = [("a", "a"), ("a", "a"), ("a", "b"), ("b", "a"), ("b", "b"), ("c", "x")]
"""Classes of what was found in six videos: annotated, and as called."""


def scores_of(pairs, **options):
    truth = [(f"v{number}", 10, 19, actual) for number, (actual, _) in enumerate(pairs)]
    found = [(f"v{number}", 10, 19, called) for number, (_, called) in enumerate(pairs)]
    return spotting_scores([*truth, ("v9", 1, 9, "a")], [*found, ("v9", 100, 109, "a")], **options)


def test_the_analysis_is_of_what_was_spotted():
    scores = scores_of(SPOTTED)
    found = scores.analysis
    precision, recall = (2 / 3 + 1 / 2 + 0) / 3, (2 / 3 + 1 / 2 + 0) / 3
    assert found.classes == ("a", "b", "c")
    assert (found.precision, found.recall, found.uar) == pytest.approx((precision, recall, recall))
    assert found.f1 == pytest.approx(2 * precision * recall / (precision + recall))
    assert found.uf1 == pytest.approx((4 / 6 + 2 / 4 + 0) / 3)
    assert (found.tp, found.fp, found.fn) == (3, 2, 3)
    assert scores.overall == Spotted(6, 1, 1)
    assert scores.strs == pytest.approx(scores.f1 * found.f1)


def test_classes_can_be_chosen():
    found = scores_of(SPOTTED, classes=["a", "b"]).analysis
    assert found.recall == pytest.approx((2 / 3 + 1 / 2) / 2) and found.tp + found.fn == 5


def test_as_published_one_prediction_finds_several():
    truth = [("v", 10, 29, "a"), ("v", 12, 31, "b")]
    found = [("v", 11, 30, "a")]
    assert spotting_scores(truth, found).overall == Spotted(1, 0, 1)
    published = spotting_scores(truth, found, as_published=True)
    assert published.overall == Spotted(2, 0, 0)
    assert (published.analysis.tp, published.analysis.fp, published.analysis.fn) == (1, 1, 1)


def test_as_published_the_first_prediction_wins_and_not_the_best():
    truth, found = [("v", 10, 29)], [("v", 14, 33), ("v", 10, 29)]
    assert spotting_scores(truth, found).matched["", "v", "micro"].matches[0].iou == 1.0
    assert spotting_scores(truth, found, as_published=True).matched["", "v", ""].matches[0].iou == 16 / 24


def test_as_published_videos_and_subjects_are_left_out():
    truth = [
        {"subject": "1", "video": "v", "onset": 1, "offset": 9},
        {"subject": "2", "video": "w", "onset": 1, "offset": 9},
    ]
    found = [
        {"subject": "1", "video": "v", "onset": 1, "offset": 9},
        {"subject": "1", "video": "u", "onset": 1, "offset": 9},
    ]
    assert spotting_scores(truth, found).overall == Spotted(1, 1, 1)
    assert spotting_scores(truth, found, as_published=True).overall == Spotted(1, 0, 0)


def test_as_published_uar_is_precision_and_a_class_alone_counts_nothing():
    pairs = [("a", "a"), ("a", "b"), ("b", "b")]
    found = scores_of(pairs, as_published=True).analysis
    assert found.uar == found.precision == pytest.approx((1 + 1 / 2) / 2)
    assert found.recall == pytest.approx((1 / 2 + 1) / 2)
    alone = scores_of([("a", "a"), ("a", "a")], as_published=True, classes=["a"])
    assert alone.analysis.tp == 2 and math.isnan(alone.analysis.f1) and math.isnan(alone.strs)
    assert scores_of([("a", "a"), ("a", "a")], classes=["a"]).analysis.f1 == 1.0


def test_intervals_hold_the_score_and_narrow_with_more_videos():
    few = scores_of(SPOTTED)
    many = scores_of([*SPOTTED] * 20)
    for scores in (few, many):
        for name, (low, high) in scores.intervals().items():
            assert 0 <= low <= getattr(scores, name) <= high <= 1
        assert scores.intervals() == scores.intervals() != scores.intervals(seed=1)
    width = [high - low for low, high in (few.intervals()["strs"], many.intervals()["strs"])]
    assert width[1] < width[0] / 2
    quiet = scores_of(SPOTTED, videos=[("", f"empty{number}") for number in range(50)])
    assert quiet.f1 == few.f1 and quiet.num_videos == few.num_videos + 50
    with pytest.raises(ATMGCNError, match="as published have no intervals"):
        scores_of(SPOTTED, as_published=True).intervals()


def test_impossible_options_are_refused():
    for iou in (0, 1.5, float("nan")):
        with pytest.raises(ATMGCNError, match=r"iou must lie in \(0, 1\]"):
            spotting_scores([], [], iou)

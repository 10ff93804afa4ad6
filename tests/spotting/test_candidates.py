"""Candidates become intervals by settings, which are chosen on other videos."""

import numpy as np
import pytest

from atm_gcn.metrics.spotting import Interval, match_intervals
from atm_gcn.spotting.candidates import (
    LONGEST,
    NUM_THRESHOLDS,
    SHORTEST,
    Candidate,
    SpotterSettings,
    by_scores,
    by_threshold,
    choose_settings,
    f1_of,
)
from tests.spotting.motions import video_motion


def candidate(onset, offset, strength):
    return Candidate(onset, (onset + offset) // 2, offset, (offset - onset) / 30, strength)


def interval(one):
    return Interval("v", one.onset, one.offset)


def test_of_two_that_overlap_the_stronger_is_reported():
    three = [candidate(10, 20, 1.0), candidate(20, 30, 2.0), candidate(31, 40, 1.5)]
    chosen = SpotterSettings(0.5, 0.0, 1.0).chosen(three)
    assert [(one.onset, one.strength) for one in chosen] == [(20, 2.0), (31, 1.5)]


def test_threshold_and_durations_are_inclusive():
    settings = SpotterSettings(1.0, 0.2, 0.4)
    kept = [candidate(0, 6, 1.0), candidate(50, 62, 1.0)]
    others = [candidate(100, 105, 9.0), candidate(150, 163, 9.0), candidate(200, 206, 0.99)]
    assert settings.chosen([*kept, *others]) == kept


def test_settings_keep_what_is_right():
    truth = {"a": [Interval("a", 100, 110)], "b": [Interval("b", 300, 312)]}
    candidates = {
        "a": [candidate(101, 110, 3.0), candidate(200, 210, 1.0)],
        "b": [candidate(300, 310, 2.5), candidate(400, 410, 1.5), candidate(500, 521, 9.0)],
    }
    settings, f1 = choose_settings(candidates, truth)
    assert f1 == 1.0 and 1.5 < settings.threshold <= 2.5 and settings.longest < 0.7
    assert f1_of({name: settings.chosen(each) for name, each in candidates.items()}, truth) == 1.0


def test_the_choice_is_the_best_of_all_that_are_tried():
    motion, intervals, _ = video_motion(5, frames=1800, count=12)
    rng = np.random.default_rng(0)
    scores = rng.uniform(0, 0.6, (1800, 3)).astype(np.float32)
    for one in intervals[:9]:
        scores[(one.onset + one.offset) // 2, 0] = rng.uniform(0.5, 1.5)
        scores[one.onset, 1] = scores[one.offset, 2] = 2.0
    candidates, truth = {"v": by_scores(motion, scores)}, {"v": intervals}
    settings, f1 = choose_settings(candidates, truth)
    strengths = [one.strength for one in candidates["v"] if match_intervals(intervals, [interval(one)]).matches]
    tried = [
        f1_of({"v": SpotterSettings(threshold, shortest, longest).chosen(candidates["v"])}, truth)
        for threshold in np.quantile(strengths, np.linspace(0, 1, NUM_THRESHOLDS))
        for shortest in SHORTEST
        for longest in LONGEST
    ]
    assert f1 == max(tried) == f1_of({"v": settings.chosen(candidates["v"])}, truth) > 0.3


def test_without_candidates_nothing_is_reported():
    settings, f1 = choose_settings({"a": []}, {"a": [Interval("a", 1, 5)]})
    assert f1 == 0.0 and settings.chosen([]) == []
    assert f1_of({"a": []}, {"a": []}) == 0.0


def test_scores_become_intervals_from_onset_to_offset():
    motion, _, _ = video_motion(3, frames=300, count=1)
    scores = np.full((300, 3), 0.01, dtype=np.float32)
    for middle, height in ((100, 0.9), (200, 0.4)):
        scores[middle - 2 : middle + 3, 0] = np.array([0.3, 0.7, 1.0, 0.7, 0.3]) * height
        scores[middle - 6, 1] = scores[middle + 7, 2] = 0.8
    found = by_scores(motion, scores)
    assert [(one.onset, one.apex, one.offset) for one in found] == [(94, 100, 107), (194, 200, 207)]
    assert found[0].strength > 2 * found[1].strength and found[0].seconds == pytest.approx(13 / 30)


def test_no_interval_where_the_motion_is_unknown():
    motion, _, _ = video_motion(3, frames=300, count=1)
    scores = np.zeros((300, 3), dtype=np.float32)
    scores[100] = 0.9
    assert [one.apex for one in by_scores(motion, scores)] == [100]
    motion.known[95:105] = False
    assert by_scores(motion, scores) == []


def test_movements_above_the_threshold_keep_their_ratio():
    motion, intervals, apexes = video_motion(4)
    found = by_threshold(motion)
    assert [(one.onset, one.apex) for one in found] == [
        (one.onset, apex) for one, apex in zip(intervals, apexes, strict=True)
    ]
    assert [one.strength for one in found] == pytest.approx(motion.ratio.tolist())
    assert found[0].seconds == pytest.approx((intervals[0].offset - intervals[0].onset) / 30)

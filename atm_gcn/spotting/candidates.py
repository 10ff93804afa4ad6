"""Candidates of both spotters, and the settings that decide which of them are reported."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from atm_gcn.metrics.spotting import Interval, match_intervals
from atm_gcn.spotting.graph_spotter import SCORES
from atm_gcn.spotting.motion import VideoMotion

SHORTEST = (0.0, 0.1, 0.2)
LONGEST = (0.4, 0.5, 0.6, 0.8, 1.2)
"""Durations in seconds that are tried as the shortest and the longest that is reported."""
NUM_THRESHOLDS = 60
LOWEST = 0.02  # score of an apex from which a frame is a candidate
APART_SECONDS = 0.2  # two peaks of the score that are closer are one movement
REACH_SECONDS = 0.6  # from an apex to its onset or offset at most; in slow motion, all are as many times as long


@dataclass(frozen=True)
class Candidate:
    """A movement that a spotter may report.

    Args:
        onset: Frame number of its first frame; ``apex`` and ``offset`` likewise.
        seconds: From onset to offset.
        strength: Confidence of the spotter: motion over threshold, or the score of the apex.
    """

    onset: int
    apex: int
    offset: int
    seconds: float
    strength: float


@dataclass(frozen=True)
class SpotterSettings:
    """Which candidates are reported.

    Args:
        threshold: Least strength.
        shortest: Least seconds from onset to offset.
        longest: Most seconds from onset to offset.
    """

    threshold: float
    shortest: float
    longest: float

    def chosen(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The candidates that are reported, in order of time; of two that overlap, the stronger one."""
        kept: list[Candidate] = []  # in order of time, none of which overlap
        for one in sorted(candidates, key=lambda one: (-one.strength, one.onset)):
            if one.strength < self.threshold:
                break
            if not self.shortest <= one.seconds <= self.longest:
                continue
            place = bisect_right(kept, one.onset, key=lambda other: other.onset)
            neighbours = kept[max(place - 1, 0) : place + 1]
            if not any(one.onset <= other.offset and other.onset <= one.offset for other in neighbours):
                kept.insert(place, one)
        return kept


def by_threshold(video: VideoMotion) -> list[Candidate]:
    """The movements that :class:`~atm_gcn.inference.spotting.spotter.Spotter` found above a low threshold."""
    seconds = dict(zip(video.numbers.tolist(), video.seconds.tolist(), strict=True))
    return [
        Candidate(onset, apex, offset, seconds[offset] - seconds[onset], float(ratio))
        for (onset, apex, offset), ratio in zip(video.found.tolist(), video.ratio, strict=True)
    ]


def by_scores(video: VideoMotion, scores: np.ndarray) -> list[Candidate]:
    """The peaks of the learnt spotter's score, each from the likeliest onset to the likeliest offset around it.

    Args:
        video: The video.
        scores: float32 ``[n, 3]`` of :func:`~atm_gcn.spotting.training.frame_scores`.
    """
    apex, onset, offset = smoothed(scores)
    assert len(SCORES) == scores.shape[1]
    candidates, seconds = [], video.seconds
    for peak in np.flatnonzero((apex >= LOWEST) & video.known).tolist():
        near = _within(seconds, peak, APART_SECONDS * video.slowdown)
        if near.start + int(apex[near.start : near.stop].argmax()) != peak:
            continue
        around = _within(seconds, peak, REACH_SECONDS * video.slowdown)
        if around.start == peak or around.stop == peak + 1:
            continue
        first = around.start + int(onset[around.start : peak].argmax())
        last = peak + 1 + int(offset[peak + 1 : around.stop].argmax())
        begin, middle, end = video.numbers[[first, peak, last]].tolist()
        candidates.append(Candidate(begin, middle, end, float(seconds[last] - seconds[first]), float(apex[peak])))
    return candidates


def smoothed(scores: np.ndarray) -> np.ndarray:
    """Scores ``[n, 3]`` smoothed over three frames, ``[3, n]``."""
    return np.stack([np.convolve(np.pad(one, 1, mode="edge"), (0.25, 0.5, 0.25), "valid") for one in scores.T])


def choose_settings(
    candidates: Mapping[str, Sequence[Candidate]], truth: Mapping[str, Sequence[Interval]], slowdown: int = 1
) -> tuple[SpotterSettings, float]:
    """The settings with the highest F1 on videos, and that F1; of equally good ones, the first that are tried.

    Thresholds are tried from the highest down, of the strengths of candidates that match an annotated interval.

    Args:
        candidates: By video.
        truth: The annotated intervals of the same videos.
        slowdown: Of the motion; durations that are tried are as many times as long.
    """
    near = {name: _near(each, truth[name]) for name, each in candidates.items()}
    can_be_right = near if any(near.values()) else candidates
    strengths = np.array([one.strength for each in can_be_right.values() for one in each])
    thresholds = np.unique(np.quantile(strengths, np.linspace(0, 1, NUM_THRESHOLDS)))[::-1] if strengths.size else [0.0]
    best, highest = None, -1.0
    for shortest, longest, threshold in product(SHORTEST, LONGEST, thresholds):
        settings = SpotterSettings(float(threshold), shortest * slowdown, longest * slowdown)
        chosen = {name: settings.chosen(each) for name, each in candidates.items()}
        f1 = f1_of(chosen, truth, near)
        if f1 > highest:
            best, highest = settings, f1
    assert best is not None
    return best, highest


def _near(candidates: Sequence[Candidate], truth: Sequence[Interval]) -> set[Candidate]:
    """The candidates that some annotated interval matches."""
    return {one for one in candidates if match_intervals(truth, [Interval("", one.onset, one.offset)]).matches}


def f1_of(
    found: Mapping[str, Sequence[Candidate]],
    truth: Mapping[str, Sequence[Interval]],
    near: Mapping[str, Collection[Candidate]] | None = None,
) -> float:
    """F1 of spotting with counts pooled over videos.

    Args:
        found: What is reported, by video.
        truth: The annotated intervals.
        near: By video, the candidates that can be right, where that is known.
    """
    hits = total = 0
    for name, each in found.items():
        can_be_right = each if near is None else [one for one in each if one in near[name]]
        predicted = [Interval(name, one.onset, one.offset) for one in can_be_right]
        hits += len(match_intervals(truth[name], predicted).matches)
        total += len(each) + len(truth[name])
    return 2 * hits / total if total else 0.0


def _within(seconds: np.ndarray, place: int, reach: float) -> range:
    first, end = np.searchsorted(seconds, [seconds[place] - reach - 1e-6, seconds[place] + reach + 1e-6])
    return range(int(first), int(end))

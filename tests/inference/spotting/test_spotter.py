"""What the spotter keeps in memory does not grow, and a change of the face's place breaks a window."""

import numpy as np
import pytest

from atm_gcn.inference.spotting.box_track import BoxTrack
from atm_gcn.inference.spotting.peaks import MotionCurve
from atm_gcn.media.faces import Box
from atm_gcn.media.sources import Frame
from tests.inference.spotting.streams import WholeFrames


def frames(count, size=48):
    rng = np.random.default_rng(0)
    face = rng.integers(60, 180, (size, size, 3))
    for number in range(count):
        noisy = face + rng.integers(-3, 4, face.shape)
        yield Frame(number, number / 30, noisy.clip(0, 255).astype(np.uint8))


def test_only_the_last_seconds_are_kept():
    whole, kept = WholeFrames(stride=0.5), [0]
    spotter = whole.spotter
    for frame in frames(400):
        whole.process(frame)
        kept.append(len(spotter._buffer))
    assert max(kept[200:]) == max(kept[:200]) < 150
    assert len(spotter.curve) == 400


def test_noise_gives_no_movement_and_every_window():
    whole = WholeFrames(stride=0.5)
    windows = [window for frame in frames(200) for window in whole.process(frame)] + list(whole.spotter.finish())
    assert [window.peak for window in windows] == [None] * 13
    assert windows[0].numbers == tuple(range(3, 19))  # from the second look for a face on


def test_the_threshold_is_the_median_and_six_robust_deviations():
    curve, rng = MotionCurve(), np.random.default_rng(1)
    values = rng.normal(5, 1, 600)
    for place, value in enumerate(values):
        curve.append(place, place / 30)
        curve.set(place, value, 0.0)
    smooth = curve.motion
    deviation = 1.4826 * np.median(np.abs(smooth - np.median(smooth)))
    assert curve.threshold[-1] == pytest.approx(np.median(smooth) + 6 * deviation, rel=0.02)
    assert not any(curve.exceeds(place, 599) for place in range(600))


def test_a_peak_is_the_highest_of_its_surroundings():
    curve = MotionCurve()
    for place in range(100):
        curve.append(place, place / 30)
        curve.set(place, 1 + 0.1 * (place % 3) + 9 * (place == 50) + 5 * (place == 56), 0.0)
    above = [place for place in range(100) if curve.exceeds(place, 99)]
    assert [place for place in above if curve.strongest_within(place, 1 / 3) == place] == [50]
    assert [place for place in above if curve.is_local_maximum(place)] == [50, 56]


def test_the_threshold_of_a_frame_is_the_one_it_is_decided_by():
    curve = MotionCurve()
    for place in range(40):
        curve.append(place, place / 30)
        curve.set(place, 1.0 if place < 20 else 5.0 * (1 + place % 2), 0.0)
    assert curve.exceeds(25, 25) and not curve.exceeds(25, 39)
    assert curve.threshold[25] == curve.threshold_for(25, 39) != curve.threshold_for(25, 25)
    assert curve.peak(25).threshold == curve.threshold[25]


def test_a_track_of_boxes_keeps_changes():
    track = BoxTrack()
    for place, box in enumerate([None, None, Box(1, 1, 5), Box(1, 1, 5)]):
        track.append(place, box)
    assert [track.at(place) for place in range(-1, 4)] == [None, None, None, Box(1, 1, 5), Box(1, 1, 5)]
    track.append(1, Box(2, 2, 5))  # as is known later
    assert [track.at(place) for place in range(4)] == [None, *[Box(2, 2, 5)] * 3]

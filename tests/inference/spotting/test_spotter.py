"""What the spotter keeps in memory does not grow, and a change of the face's place breaks a window."""

import numpy as np
import pytest

from atm_gcn.config import DataConfig
from atm_gcn.inference.spotting.peaks import MotionCurve
from atm_gcn.inference.spotting.spotter import BoxTrack, Spotter
from atm_gcn.media.faces import Box
from atm_gcn.media.faces.face import overlap
from atm_gcn.media.faces.tracking import FaceTracker
from atm_gcn.media.sources import Frame


def frames(count, size=48):
    rng = np.random.default_rng(0)
    face = rng.integers(60, 180, (size, size, 3))
    for number in range(count):
        noisy = face + rng.integers(-3, 4, face.shape)
        yield Frame(number, number / 30, noisy.clip(0, 255).astype(np.uint8))


def test_only_the_last_seconds_are_kept():
    spotter = Spotter(30, DataConfig(size=32), stride=0.5)
    kept = [0]
    for frame in frames(400):
        list(spotter.process(frame))
        kept.append(len(spotter._buffer))
    assert max(kept[200:]) == max(kept[:200]) < 150
    assert len(spotter.curve) == 400


def test_noise_gives_no_movement_and_every_window():
    spotter = Spotter(30, DataConfig(size=32), stride=0.5)
    windows = [window for frame in frames(200) for window in spotter.process(frame)] + list(spotter.finish())
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


def test_a_box_is_kept_until_the_face_leaves_it(monkeypatch):
    found = iter([Box(0, 0, 40), Box(1, 0, 40), Box(4, 2, 40), Box(40, 0, 40), Box(41, 0, 40), None])
    monkeypatch.setattr("atm_gcn.media.faces.tracking.find_face", lambda *image: next(found))
    tracker = FaceTracker(required=True)
    seen = []
    for second in range(6):
        tracker.update(np.zeros((4, 4, 3), np.uint8), float(second))
        seen.append((tracker.box, tracker.segment))
    first, second = Box(1, 0, 40), Box(41, 0, 40)
    assert seen == [(None, None), (first, 0), (first, 0), (first, 0), (second, 1), (second, 1)]


def test_overlap_of_squares():
    assert overlap(Box(0, 0, 10), Box(0, 0, 10)) == 1
    assert overlap(Box(0, 0, 10), Box(5, 0, 10)) == pytest.approx(1 / 3)
    assert overlap(Box(0, 0, 10), Box(20, 0, 10)) == 0


def test_a_track_of_boxes_keeps_changes():
    track = BoxTrack()
    for place, box in enumerate([None, None, Box(1, 1, 5), Box(1, 1, 5)]):
        track.append(place, box)
    assert [track.at(place) for place in range(-1, 4)] == [None, None, None, Box(1, 1, 5), Box(1, 1, 5)]

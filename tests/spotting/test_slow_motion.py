"""Slow motion: fewer frames, and in each the motion since longer before."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from atm_gcn.metrics.spotting import Interval
from atm_gcn.spotting.candidates import by_scores, choose_settings
from atm_gcn.spotting.motion import CHANNELS, VideoMotion, nearest
from atm_gcn.spotting.slow_motion import slow_motion
from atm_gcn.spotting.windows import windows_of
from tests.spotting.motions import RATE, first_frames, video_motion


def moving(position: np.ndarray) -> VideoMotion:
    """The motion of a face of which one block is at ``position``, ``[n]`` in pixels, at 30 frames per second."""
    motion, _, _ = video_motion(0, frames=len(position), count=1, noise=0)
    motion.motion[:] = 0
    motion.motion[6:, 20] = position[6:] - position[:-6]
    motion.known[:6] = False
    return motion


def test_motion_is_that_over_the_longer_span():
    position = np.cumsum(np.random.default_rng(0).integers(-2, 3, 200)).astype(float)
    slow = slow_motion(moving(position), 3)
    assert slow.numbers.tolist() == list(range(0, 200, 3)) and slow.slowdown == 3
    assert np.array_equal(slow.seconds, np.arange(0, 200, 3) / RATE)
    assert np.array_equal(slow.known, slow.numbers >= 18)
    expected = np.where(slow.known, position[slow.numbers] - position[slow.numbers - 18], 0)
    assert slow.motion[:, 20] == pytest.approx(expected)
    assert not slow.motion[:, [0, CHANNELS - 1]].any() and len(slow.found) == 0
    assert np.array_equal(np.isnan(slow.curve), ~slow.known)
    assert slow.curve[slow.known] == pytest.approx(np.abs(expected[slow.known]))


def test_motion_of_the_usual_speed_is_left_alone():
    motion = video_motion(1)[0]
    assert slow_motion(motion, 1) is motion


def test_a_slow_movement_looks_as_a_fast_one_does():
    def face(frames, slowdown):
        position = np.interp(np.arange(frames), np.array([80, 85, 90]) * slowdown, [0, 4, 0])
        motion = slow_motion(moving(position), slowdown)
        truth = [Interval("v", 80 * slowdown, 90 * slowdown)]
        return motion, windows_of(motion, truth, [85 * slowdown]), truth

    (fast, one, truth), (slow, other, slow_truth) = face(240, 1), face(720, 3)
    assert len(fast) == len(slow) == len(one) == len(other)
    for name in ("moments", "pos", "target", "centres"):
        assert torch.allclose(getattr(one, name).double(), getattr(other, name).double(), atol=1e-4), name
    assert torch.allclose(one.motion[20:], other.motion[20:], atol=0.01)
    scores = one.target.numpy()
    (found,), (slow_found,) = by_scores(fast, scores), by_scores(slow, scores)
    assert [3 * value for value in (found.onset, found.apex, found.offset)] == [240, 255, 270]
    assert [slow_found.onset, slow_found.apex, slow_found.offset] == [240, 255, 270]
    assert slow_found.seconds == pytest.approx(3 * found.seconds)
    settings, f1 = choose_settings({"v": [found]}, {"v": truth})
    slow_settings, slow_f1 = choose_settings({"v": [slow_found]}, {"v": slow_truth}, 3)
    assert f1 == slow_f1 == 1
    assert (slow_settings.shortest, slow_settings.longest) == (3 * settings.shortest, 3 * settings.longest)


@pytest.mark.parametrize("rate", [12, 12.5, 25, 27, 28])
def test_the_parts_join_at_any_rate(rate):
    position = np.cumsum(np.random.default_rng(1).normal(size=300))
    seconds = np.arange(300) / rate
    before = nearest(seconds, seconds - 0.2)
    known = seconds >= 0.2
    motion, _, _ = video_motion(0, frames=300, count=1)
    moved = np.zeros((300, CHANNELS), dtype=np.float32)
    moved[:, 20] = np.where(known, position - position[before], 0)
    slow = slow_motion(replace(motion, seconds=seconds, motion=moved, known=known), 3)
    start = before[before[before[slow.numbers]]]
    assert slow.motion[slow.known, 20] == pytest.approx(
        (position[slow.numbers] - position[start])[slow.known], abs=0.02
    )
    assert slow.known.sum() > 90


def test_motion_is_unknown_where_a_part_of_it_is():
    motion = moving(np.zeros(300))
    motion.known[99] = False
    slow = slow_motion(motion, 3)
    assert slow.numbers[~slow.known].tolist() == [0, 3, 6, 9, 12, 15, 99, 105, 111]


@pytest.mark.parametrize("frames", [1, 2, 4])
def test_very_short_videos(frames):
    slow = slow_motion(first_frames(moving(np.zeros(60)), frames), 3)
    assert len(slow) == -(-frames // 3) and not slow.known.any()
    assert len(windows_of(slow)) == len(slow)

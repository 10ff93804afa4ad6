"""Resampling and capping: which frames stay."""

import numpy as np
import pytest

from atm_gcn.data.sampling import cap, resample
from atm_gcn.media.timing import Timing


def kept(numbers, fps: float, rate: float | None, keep=()) -> list[int]:
    """The numbers that stay of frames that are shown at ``fps`` per second."""
    numbers = np.asarray(numbers)
    places = resample(Timing(numbers / fps, fps), rate, np.searchsorted(numbers, keep).tolist())
    return numbers[places].tolist()


def test_resampling_takes_the_nearest_frame_to_every_tick():
    assert kept(range(10), 60, 30) == [0, 2, 4, 6, 8]
    assert kept(range(100, 131), 200, 30) == [100, 107, 113, 120, 127]  # 100 + 6.67 k
    assert kept(range(7), 30, 20) == [0, 1, 3, 4, 6]  # a tie goes to the earlier frame
    assert kept([0, 1, 2, 9, 10, 11], 30, 15) == [0, 2, 9, 10]  # ticks 0 2 4 6 8 10, with a gap


def test_a_rate_at_or_above_the_recorded_one_changes_nothing():
    for target in (None, 25.0, 60.0):
        assert kept(range(3, 20), 25.0, target) == list(range(3, 20))


def test_the_apex_takes_the_place_of_a_tick():
    assert kept(range(11), 60, 30, [5]) == [0, 2, 5, 6, 8, 10]
    assert kept(range(11), 60, 30, [4]) == [0, 2, 4, 6, 8, 10]
    assert kept(range(11), 60, 30, [1]) == [0, 1, 4, 6, 8, 10]  # the onset stays
    assert kept(range(11), 60, 30, [10]) == [0, 2, 4, 6, 8, 10]


def test_two_frames_come_out_of_two():
    assert kept(range(50, 54), 200, 30) == [50, 53]
    assert kept(range(50, 54), 200, 30, [51]) == [50, 51]
    assert kept([4], 200, 30) == [4]


def test_a_variable_rate_is_thinned_where_it_is_fast():
    seconds = np.concatenate([np.arange(15) / 15, 1 + np.arange(60) / 60])
    places = resample(Timing(seconds, 60.0, is_variable=True), 30.0)
    assert places.tolist() == [*range(15), *range(15, 75, 2)]


@pytest.mark.parametrize("fps", [24, 25, 30, 60])
def test_times_rounded_to_milliseconds_count_as_exact_ones(fps):
    exact = np.arange(2 * fps + 1) / fps
    for rate in (fps, fps / 2, fps / 3):
        rounded = resample(Timing(np.round(exact, 3), float(fps)), rate)
        assert rounded.tolist() == resample(Timing(exact, float(fps)), rate).tolist()


def test_a_pause_of_years_takes_no_memory():
    seconds = np.array([0.0, 1 / 60, 2 / 60, 1e9, 1e9 + 1 / 60])
    assert resample(Timing(seconds, 60.0, is_variable=True), 30.0).tolist() == [0, 2, 3]


def test_capping_is_even_and_keeps_onset_apex_and_offset():
    assert cap(9, 5).tolist() == [0, 2, 4, 6, 8]
    assert cap(9, 5, [7]).tolist() == [0, 2, 4, 7, 8]
    assert cap(9, 5, [1]).tolist() == [0, 1, 4, 6, 8]
    assert cap(9, 2, [3]).tolist() == [0, 3]
    assert cap(9, 3, [3]).tolist() == [0, 3, 8]
    assert cap(9, 9).tolist() == list(range(9))


def test_what_holds_for_any_clip():
    rng = np.random.default_rng(0)
    for _ in range(300):
        check_a_random_clip(rng)


def check_a_random_clip(rng: np.random.Generator) -> None:
    numbers = np.sort(rng.choice(400, rng.integers(2, 300), replace=False))
    apex, fps = int(rng.integers(len(numbers))), float(rng.choice([25, 29.97, 30, 100, 200]))
    target, max_frames = float(rng.choice([10, 15, 29.97, 30])), int(rng.integers(2, 40))

    sampled = resample(Timing(numbers / fps, fps), target, [apex])
    assert np.all(np.diff(sampled) > 0)
    assert sampled[0] == 0 and apex in sampled and len(sampled) >= 2
    duration = (numbers[-1] - numbers[0]) / fps
    assert len(sampled) <= max(2, duration * min(fps, target) + 2)

    place = int(np.searchsorted(sampled, apex))
    capped = cap(len(sampled), max_frames, [place])
    assert np.all(np.diff(capped) > 0)
    assert len(capped) == min(len(sampled), max_frames)
    assert capped[0] == 0 and place in capped
    assert max_frames < 3 or capped[-1] == len(sampled) - 1

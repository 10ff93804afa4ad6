"""Resampling and capping: which frame numbers stay."""

import numpy as np

from atm_gcn.data.sampling import cap, resample


def test_resampling_takes_the_nearest_frame_to_every_tick():
    assert resample(np.arange(10), 60, 30).tolist() == [0, 2, 4, 6, 8]
    assert resample(np.arange(100, 131), 200, 30).tolist() == [100, 107, 113, 120, 127]  # 100 + 6.67 k
    assert resample(np.arange(7), 30, 20).tolist() == [0, 1, 3, 4, 6]  # a tie goes to the earlier frame
    assert resample(np.array([0, 1, 2, 9, 10, 11]), 30, 15).tolist() == [0, 2, 9, 10]  # ticks 0 2 4 6 8 10, with a gap


def test_a_rate_at_or_above_the_recorded_one_changes_nothing():
    numbers = np.arange(3, 20)
    for target in (None, 25.0, 60.0):
        assert resample(numbers, 25.0, target) is numbers


def test_the_apex_takes_the_place_of_a_tick():
    assert resample(np.arange(11), 60, 30, [5]).tolist() == [0, 2, 5, 6, 8, 10]
    assert resample(np.arange(11), 60, 30, [4]).tolist() == [0, 2, 4, 6, 8, 10]
    assert resample(np.arange(11), 60, 30, [1]).tolist() == [0, 1, 4, 6, 8, 10]  # the onset stays
    assert resample(np.arange(11), 60, 30, [10]).tolist() == [0, 2, 4, 6, 8, 10]


def test_two_frames_come_out_of_two():
    assert resample(np.arange(50, 54), 200, 30).tolist() == [50, 53]
    assert resample(np.arange(50, 54), 200, 30, [51]).tolist() == [50, 51]
    assert resample(np.array([4]), 200, 30).tolist() == [4]


def test_capping_is_even_and_keeps_onset_apex_and_offset():
    assert cap(np.arange(9), 5).tolist() == [0, 2, 4, 6, 8]
    assert cap(np.arange(9), 5, [7]).tolist() == [0, 2, 4, 7, 8]
    assert cap(np.arange(9), 5, [1]).tolist() == [0, 1, 4, 6, 8]
    assert cap(np.arange(9), 2, [3]).tolist() == [0, 3]
    assert cap(np.arange(9), 3, [3]).tolist() == [0, 3, 8]
    assert cap(np.arange(9), 9).tolist() == list(range(9))


def test_what_holds_for_any_clip():
    rng = np.random.default_rng(0)
    for _ in range(300):
        check_a_random_clip(rng)


def check_a_random_clip(rng: np.random.Generator) -> None:
    numbers = np.sort(rng.choice(400, rng.integers(2, 300), replace=False))
    apex, fps = int(rng.choice(numbers)), float(rng.choice([25, 29.97, 30, 100, 200]))
    target, max_frames = float(rng.choice([10, 15, 29.97, 30])), int(rng.integers(2, 40))

    sampled = resample(numbers, fps, target, [apex])
    assert np.all(np.diff(sampled) > 0) and np.isin(sampled, numbers).all()
    assert sampled[0] == numbers[0] and apex in sampled and len(sampled) >= 2
    duration = (numbers[-1] - numbers[0]) / fps
    assert len(sampled) <= max(2, duration * min(fps, target) + 2)

    capped = cap(sampled, max_frames, [apex])
    assert np.all(np.diff(capped) > 0) and np.isin(capped, sampled).all()
    assert len(capped) == min(len(sampled), max_frames)
    assert capped[0] == numbers[0] and apex in capped
    assert max_frames < 3 or capped[-1] == sampled[-1]

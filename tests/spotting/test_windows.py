"""Windows of a video, and the scores that are learnt."""

import numpy as np
import pytest
import torch

from atm_gcn.spotting.graph_spotter import OFFSETS
from atm_gcn.spotting.motion import CHANNELS, nearest
from atm_gcn.spotting.windows import FRAMES, mirrored, windows_of
from tests.spotting.motions import video_motion


def test_scores_are_highest_at_apex_and_ends():
    motion, intervals, apexes = video_motion(1)
    target = windows_of(motion, intervals, apexes).target.numpy()
    for one, apex in zip(intervals, apexes, strict=True):
        inside = slice(one.onset - 2, one.offset + 3)
        assert (target[inside].argmax(axis=0) + inside.start).tolist() == [apex, one.onset, one.offset]
        assert target[[apex, one.onset, one.offset], [0, 1, 2]].tolist() == [1, 1, 1]
        assert target[[one.onset, one.offset], 0].tolist() == [0, 0]
    quiet = np.ones(len(motion), dtype=bool)
    for one in intervals:
        quiet[one.onset - 8 : one.offset + 9] = False
    assert target[quiet].max() < 1e-3


def test_an_apex_that_is_not_annotated_lies_in_the_middle():
    motion, intervals, _ = video_motion(1, count=1)
    target = windows_of(motion, intervals, [None]).target[:, 0]
    assert int(target.argmax()) == (intervals[0].onset + intervals[0].offset) // 2


def test_a_window_holds_the_motion_around_its_frames():
    motion, intervals, apexes = video_motion(2)
    windows = windows_of(motion, intervals, apexes)
    motions, moments, pos, global_node, target = windows.cut(torch.tensor([100, 300]))
    assert motions.shape == (2, FRAMES + 18, CHANNELS) and moments.shape == (2, FRAMES, len(OFFSETS))
    assert target.shape == (2, FRAMES, 3)
    assert pos[:, 0].tolist() == [1, 1] and pos[0, 5] == pytest.approx(6)
    here, later = OFFSETS.index(0.0), OFFSETS.index(0.2)
    for offset, frame in ((here, 107), (later, 113)):
        assert torch.equal(motions[0, moments[0, 7, offset]], windows.motion[frame])
    assert int(global_node[1]) == int(np.argmax(motion.curve[300 : 300 + FRAMES]))


def test_the_nearest_frame_in_time():
    seconds = np.array([0.0, 0.1, 0.2, 0.9])
    assert nearest(seconds, np.array([-1.0, 0.04, 0.06, 0.5, 0.6, 2.0])).tolist() == [0, 0, 1, 2, 3, 3]
    assert nearest(np.array([3.0]), np.array([1.0, 5.0])).tolist() == [0, 0]


def test_mirroring_moves_parts_to_the_other_side_and_turns_them():
    motion = torch.zeros(CHANNELS)
    motion.reshape(-1)[: 2 * 64].reshape(8, 8, 2)[3, 1] = torch.tensor([0.5, -0.25])
    motion[128:] = torch.arange(1.0, 7)
    flipped = mirrored(motion)
    assert flipped[:128].reshape(8, 8, 2)[3, 6].tolist() == [-0.5, -0.25]
    assert int((flipped[:128] != 0).sum()) == 2
    assert flipped[128:].tolist() == [-1, 2, 3, -4, -5, 6]
    many = torch.randn(2, 5, CHANNELS)
    assert torch.equal(mirrored(mirrored(many)), many)

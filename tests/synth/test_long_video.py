"""Long recordings of quiet and of lively people, and their truth."""

import hashlib

import numpy as np
import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.synth import Liveliness, synthesize_long
from atm_gcn.synth.face.identity import sample_identity
from atm_gcn.synth.lively import head_movements, speech
from atm_gcn.synth.long_video import load_planted

TIMES = np.arange(0, 120, 1 / 30)


def test_what_is_planted_is_told(tmp_path):
    planted = synthesize_long(tmp_path / "v.avi", 30, 8, size=64, seed=2, lively=Liveliness(macros=4.0))
    assert load_planted(tmp_path / "v.avi") == planted
    assert [one.kind for one in planted].count("macro") == 2 and len(planted) == 6
    for one in planted:
        seconds = (one.offset - one.onset) / 30
        assert seconds <= 0.55 if one.kind == "micro" else seconds >= 0.65
        assert one.onset < one.apex < one.offset
    ends = [edge for one in planted for edge in (one.onset, one.offset)]
    assert ends == sorted(ends)


def test_a_recording_repeats_and_liveliness_changes_it(tmp_path):
    digests = []
    for name, lively in (("a", None), ("b", None), ("c", Liveliness()), ("d", Liveliness())):
        synthesize_long(tmp_path / f"{name}.avi", 5, 12, size=64, seed=1, lively=lively)
        digests.append(hashlib.sha256((tmp_path / f"{name}.avi").read_bytes()).hexdigest())
    assert digests[0] == digests[1] != digests[2] == digests[3]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7])
def test_people_talk_for_their_share_of_the_time(share):
    landmarks = sample_identity(0, 0).landmarks
    shares = []
    for seed in range(4):
        muscles, strengths = speech(TIMES, landmarks, share, np.random.default_rng(seed))
        assert len(muscles) == len(strengths) == 8
        shares.append((np.abs(np.stack(strengths)).max(axis=0) > 0).mean())
    assert np.mean(shares) == pytest.approx(share, abs=0.1)


def test_the_head_moves_and_comes_back():
    shift, tilt, zoom = head_movements(TIMES, Liveliness(turns=2.0, reach=20.0), np.random.default_rng(1))
    far = np.linalg.norm(shift, axis=1) * 224
    assert 5 < far.max() < 60 and (far == 0).mean() > 0.3
    assert np.abs(tilt).max() > 0.01 and np.abs(zoom - 1).max() > 0.001
    still = head_movements(TIMES, Liveliness(turns=0.0), np.random.default_rng(1))
    assert not still[0].any() and not still[1].any() and (still[2] == 1).all()


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"talk": 1.0}, "talk is 1: write a share from 0 to less than 1"),
        ({"macros": -1.0}, "macros=-1, turns=4, reach=12: none below 0"),
        ({"macro_duration": (2.0, 1.0)}, "macro_duration is 2, 1: both above 0, the smaller first"),
        ({"macros": 60.0}, "movements do not fit into 10 seconds"),
    ],
)
def test_impossible_people_are_refused(tmp_path, settings, complaint):
    with pytest.raises(ATMGCNError, match=complaint):
        synthesize_long(tmp_path / "v.avi", 10, size=64, lively=Liveliness(**settings))
    assert list(tmp_path.iterdir()) == []

"""The measurement of the leak check, on two drawn people."""

import pytest

from benchmarks.method import leakage


@pytest.fixture
def recordings(tmp_path):
    return list(leakage.drawn(tmp_path, seed=1, size=96, people=2, clips=3))


def test_two_people_are_told_apart(recordings):
    pairs, alarms, highest = leakage.false_alarms(recordings, crop=False)
    assert (pairs, alarms) == (9, 0) and highest < leakage.THRESHOLD


def test_copies_are_found_and_others_are_not(recordings, tmp_path, monkeypatch):
    gone = leakage.Change(light=lambda frame: frame * 0 + 60)
    monkeypatch.setattr(leakage, "CHANGES", {"H.264": leakage.CHANGES["H.264, crf 28"], "gone": gone})
    assert leakage.found(recordings[:2], tmp_path, crop=False) == {"H.264": (6, 6), "gone": (0, 6)}

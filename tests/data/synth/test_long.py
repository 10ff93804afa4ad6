"""A long recording has its movements where its truth says, and the same bytes again."""

from itertools import pairwise

import numpy as np
import pytest

from atm_gcn.data.stream import open_stream
from atm_gcn.data.synth.long import load_planted, synthesize_long
from atm_gcn.errors import ATMGCNError


def test_movements_are_apart_and_of_every_class(tmp_path):
    planted = synthesize_long(tmp_path / "v.avi", 40, per_minute=9, size=64, seed=1)
    assert load_planted(tmp_path / "v.avi") == planted
    assert len(list(open_stream(tmp_path / "v.avi").frames())) == 1200
    assert {one.label for one in planted} == {"negative", "positive", "surprise"}
    assert len(planted) == 6
    for one, after in pairwise(planted):
        assert one.onset < one.apex < one.offset < after.onset - 55
        assert 5 <= one.offset - one.onset <= 16


def test_the_same_again(tmp_path):
    first, second = (synthesize_long(tmp_path / f"{name}.avi", 6, per_minute=10, size=64) for name in "ab")
    assert first == second
    assert (tmp_path / "a.avi").read_bytes() == (tmp_path / "b.avi").read_bytes()
    other = synthesize_long(tmp_path / "c.avi", 6, per_minute=10, size=64, seed=1)
    assert other != first


def test_the_face_moves_at_the_apex(tmp_path):
    planted = synthesize_long(tmp_path / "v.avi", 10, per_minute=6, size=96, seed=2)
    frames = [frame.image.astype(np.float32).mean(axis=-1) for frame in open_stream(tmp_path / "v.avi").frames()]
    one = planted[0]
    at_apex = np.abs(frames[one.apex] - (frames[one.onset] + frames[one.offset]) / 2).max()
    assert at_apex > 20


def test_too_many_movements_are_refused(tmp_path):
    with pytest.raises(ATMGCNError, match="30 movements do not fit into 30 seconds: lower per_minute"):
        synthesize_long(tmp_path / "v.avi", 30, per_minute=60, size=64)
    with pytest.raises(ATMGCNError, match=r"v\.json: is missing"):
        load_planted(tmp_path / "v.avi")
    assert list(tmp_path.iterdir()) == []

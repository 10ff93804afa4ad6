"""The motion of a video on disk: read as it was written, and never that of another recording."""

import numpy as np

from atm_gcn.spotting.motion import ARRAYS, VideoMotion
from tests.spotting.motions import video_motion


def test_a_file_holds_what_was_written(tmp_path):
    motion, _, _ = video_motion(0, frames=120, count=1)
    path = tmp_path / "a.safetensors"
    motion.save(path, "recording 1")
    again = VideoMotion.load(path, "recording 1")
    for name in ARRAYS:
        value = getattr(motion, name)
        assert np.array_equal(getattr(again, name), value) and getattr(again, name).dtype == value.dtype
    first = path.read_bytes()
    motion.save(path, "recording 1")
    assert path.read_bytes() == first


def test_other_and_damaged_files_are_not_used(tmp_path):
    motion, _, _ = video_motion(0, frames=120, count=1)
    path = tmp_path / "a.safetensors"
    assert VideoMotion.load(path, "recording 1") is None
    motion.save(path, "recording 1")
    assert VideoMotion.load(path, "recording 2") is None
    path.write_bytes(path.read_bytes()[:-9])
    assert VideoMotion.load(path, "recording 1") is None


def test_length_in_minutes():
    motion, _, _ = video_motion(0, frames=901, count=1)
    assert motion.minutes == 0.5 and len(motion) == 901

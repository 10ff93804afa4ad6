"""Room on the disk and in memory is asked for before frames are decoded."""

import logging

import numpy as np
import pytest

from atm_gcn.data.clip_frames import decode_clip
from atm_gcn.data.store.disk_space import check_space
from atm_gcn.errors import ATMGCNError
from atm_gcn.files.limits import CLIP_BYTES
from atm_gcn.media.sources import open_source
from tests.runs import write_clip


def test_a_store_that_the_disk_does_not_hold(tmp_path):
    with pytest.raises(
        ATMGCNError, match=r"the frame store takes 15\.05 GB, and its disk has 2\.00 GB free; make room"
    ):
        check_space({tmp_path / "frames.npy": 3 * 100_000 * 224**2}, free=2_000_000_000)
    check_space({tmp_path / "frames.npy": 3 * 10 * 224**2}, free=3 * 10 * 224**2)
    with pytest.raises(ATMGCNError, match="make room"):
        check_space({tmp_path / "frames.npy": 3 * 10 * 224**2}, free=3 * 10 * 224**2 - 1)


def test_what_is_written_needs_no_room(tmp_path):
    content = np.random.default_rng(0).integers(0, 256, 3 * 10 * 64**2, dtype=np.uint8)
    content.tofile(tmp_path / "frames.npy")
    check_space({tmp_path / "frames.npy": 3 * 10 * 64**2}, free=0)


def test_a_large_store_is_announced(tmp_path, caplog):
    with caplog.at_level(logging.INFO, "atm_gcn"):
        check_space({tmp_path / "frames.npy": 3 * 100_000 * 224**2}, free=20_000_000_000)
        check_space({tmp_path / "frames.npy": 3 * 100 * 224**2}, free=20_000_000_000)
    assert caplog.messages == ["the frame store takes 15.1 GB of 20.0 GB free"]


def test_a_clip_that_memory_does_not_hold(tmp_path, monkeypatch):
    source = open_source(write_clip(tmp_path / "clip", "down", 0))
    with pytest.raises(ATMGCNError, match=r"5 frames of 100000 x 100000 pixels take 150\.0 GB; lower data\.max_frames"):
        decode_clip(source, source.numbers, 100_000)
    monkeypatch.setenv(CLIP_BYTES.variable, str(3 * 5 * 16**2))
    assert decode_clip(source, source.numbers, 16).shape == (5, 16, 16, 3)
    with pytest.raises(ATMGCNError, match="ATM_GCN_MAX_CLIP_BYTES"):
        decode_clip(source, source.numbers, 17)

"""Room on the disk is asked for before frames are decoded."""

import logging

import numpy as np
import pytest

from atm_gcn.data.store.disk_space import check_space
from atm_gcn.errors import ATMGCNError


def test_a_store_that_the_disk_does_not_hold(tmp_path):
    with pytest.raises(
        ATMGCNError, match=r"the frame store takes 15\.05 GB, and its disk has 2\.00 GB free; make room"
    ):
        check_space({tmp_path / "frames.npy": 3 * 100_000 * 224**2}, free=2_000_000_000)
    check_space({tmp_path / "frames.npy": 3 * 10 * 224**2}, free=3 * 10 * 224**2)
    with pytest.raises(ATMGCNError, match=r"takes 1\.51 MB, and its disk has 1\.51 MB free; make room"):
        check_space({tmp_path / "frames.npy": 3 * 10 * 224**2}, free=3 * 10 * 224**2 - 1)


def test_small_sizes_are_told_apart(tmp_path):
    with pytest.raises(ATMGCNError, match=r"takes 3\.20 MB, and its disk has 12\.00 kB free"):
        check_space({tmp_path / "frames.npy": 3_200_000}, free=12_000)
    with pytest.raises(ATMGCNError, match=r"takes 1\.00 kB, and its disk has 0 bytes free"):
        check_space({tmp_path / "frames.npy": 1000}, free=0)


def test_what_is_written_needs_no_room(tmp_path):
    content = np.random.default_rng(0).integers(0, 256, 3 * 10 * 64**2, dtype=np.uint8)
    content.tofile(tmp_path / "frames.npy")
    check_space({tmp_path / "frames.npy": 3 * 10 * 64**2}, free=0)


def test_all_files_are_counted(tmp_path):
    files = {tmp_path / "frames.npy": 3000, tmp_path / "flow.npy": 1000}
    check_space(files, free=4000)
    with pytest.raises(ATMGCNError, match="make room"):
        check_space(files, free=3999)


def test_a_large_store_is_announced(tmp_path, caplog):
    with caplog.at_level(logging.INFO, "atm_gcn"):
        check_space({tmp_path / "frames.npy": 3 * 100_000 * 224**2}, free=20_000_000_000)
        check_space({tmp_path / "frames.npy": 3 * 100 * 224**2}, free=20_000_000_000)
    assert caplog.messages == ["the frame store takes 15.05 GB of 20.00 GB free"]

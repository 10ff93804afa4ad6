"""A written video keeps its frames and their times, and is whole or absent."""

import resource
from contextlib import contextmanager

import numpy as np
import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.video.index import index_video
from atm_gcn.media.video.reader import read_video
from atm_gcn.media.video.writer import VideoWriter
from tests.media.videos import moving_bar


@contextmanager
def disk_of(size: int):
    """No file of this process can grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("suffix", [".mp4", ".avi"])
@pytest.mark.parametrize("size", [(64, 96), (63, 95)])
def test_frames_come_back(tmp_path, suffix, size):
    images = [moving_bar(number, *size) for number in range(8)]
    with VideoWriter(tmp_path / f"v{suffix}", 29.97) as out:
        for image in images:
            out.write(image)
    index = index_video(tmp_path / f"v{suffix}")
    frames = np.stack(list(read_video(tmp_path / f"v{suffix}", index, range(8))))
    assert np.abs(frames[:, : size[0], : size[1]].astype(float) - np.stack(images)).mean() < 3
    np.testing.assert_allclose(index.seconds, np.arange(8) / 29.97, atol=1e-3)


def test_times_come_back(tmp_path):
    seconds = [5.0, 5.1, 5.3, 5.31, 6.0]
    with VideoWriter(tmp_path / "v.mp4", 10) as out:
        for number, shown in enumerate(seconds):
            out.write(moving_bar(number), shown)
    np.testing.assert_allclose(index_video(tmp_path / "v.mp4").seconds, np.array(seconds) - 5, atol=1e-4)


def test_a_frame_of_another_size_leaves_nothing_behind(tmp_path):
    with pytest.raises(ATMGCNError, match="95x64 pixels does not fit"), VideoWriter(tmp_path / "v.mp4", 10) as out:
        out.write(moving_bar(0))
        out.write(moving_bar(0)[:, :-1])
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ATMGCNError, match="cannot be written"), VideoWriter(tmp_path / "file" / "v.mp4", 10) as out:
        out.write(moving_bar(0))


@pytest.mark.parametrize("suffix", [".mp4", ".avi"])
@pytest.mark.parametrize("share", [0, 0.3, 0.9, 0.999])
def test_a_full_disk_is_one_sentence_at_whatever_frame(tmp_path, capfd, suffix, share):
    images = [moving_bar(number) for number in range(60)]
    path = tmp_path / f"v{suffix}"

    def write():
        with VideoWriter(path, 30) as out:
            for image in images:
                out.write(image)

    write()
    whole = path.read_bytes()
    with (
        disk_of(round(share * len(whole))),
        pytest.raises(ATMGCNError, match=r"v\.\w+: cannot be written \(File too large"),
    ):
        write()
    assert path.read_bytes() == whole and len(list(tmp_path.iterdir())) == 1
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("suffix", [".mp4", ".avi"])
def test_the_same_frames_give_the_same_bytes(tmp_path, suffix):
    written = set()
    for _ in range(8):
        with VideoWriter(tmp_path / f"v{suffix}", 30) as out:
            for number in range(60):
                out.write(moving_bar(number))
        written.add((tmp_path / f"v{suffix}").read_bytes())
    assert len(written) == 1


def test_frames_that_did_not_arrive_are_missed(tmp_path):
    """An encoder that drops frames and reports nothing."""
    with pytest.raises(ATMGCNError, match=r"only 6 of 60 frames arrived"), VideoWriter(tmp_path / "v.avi", 30) as out:
        for number in range(60):
            out.write(moving_bar(number))
            if number == 5:
                out._output = out._output._replace(stream=Dropping())
    assert not list(tmp_path.iterdir())


class Dropping:
    """A stream whose encoder gives nothing."""

    def encode(self, picture):
        return []


def test_no_frame_is_no_video(tmp_path):
    with pytest.raises(ATMGCNError, match="no frame was given"), VideoWriter(tmp_path / "v.avi", 30):
        pass
    assert not list(tmp_path.iterdir())

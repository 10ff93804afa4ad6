"""Streams give the frames that reading them as a whole gives, thinned alike, one at a time."""

import numpy as np
import pytest

from atm_gcn.data.sampling import resample
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.sources import open_source, open_stream
from atm_gcn.media.timing import Timing
from atm_gcn.media.video.writer import VideoWriter
from tests.data.recordings import number_of, picture, write_folder, write_video


@pytest.fixture
def video(tmp_path):
    return write_video(tmp_path / "v.avi", (picture(number) for number in range(20)), fps=25)


def test_every_frame_of_a_video(video):
    stream = open_stream(video)
    frames = list(stream.frames())
    assert [number_of(frame.image) for frame in frames] == [frame.number for frame in frames] == list(range(20))
    assert (stream.fps, stream.fps_source, stream.end_seconds) == (25, "video", pytest.approx(19 / 25))
    assert frames[5].seconds == pytest.approx(0.2)
    assert np.array_equal(frames[3].image, open_source(video).read([3])[0])


@pytest.mark.parametrize("rate", [4, 10, 12.5, 24, 25, 60])
def test_thinned_as_a_clip_is(video, rate):
    kept = [frame.number for frame in open_stream(video).frames(rate)]
    assert kept == resample(Timing(np.arange(20) / 25, 25), rate).tolist()


def test_a_folder_counts_from_its_first_number(tmp_path):
    folder = write_folder(tmp_path / "f", range(7, 12))
    stream = open_stream(folder, assumed_fps=10)
    assert [(frame.number, round(frame.seconds, 6)) for frame in stream.frames()][:2] == [(7, 0.0), (8, 0.1)]
    assert stream.fps_source == "assumed"
    assert open_stream(folder, fps=50, assumed_fps=10).fps == 50
    with pytest.raises(ATMGCNError, match="has no frame rate of its own; give it with --fps"):
        open_stream(folder)


def test_a_written_video_is_whole_or_absent(tmp_path):
    with VideoWriter(tmp_path / "a.mp4", 30) as out:
        for number in range(10):
            out.write(picture(number, 48, 64))
    assert len(list(open_stream(tmp_path / "a.mp4").frames())) == 10
    with pytest.raises(RuntimeError, match="stop"), VideoWriter(tmp_path / "b.mp4", 30) as out:
        out.write(picture(1, 48, 64))
        raise RuntimeError("stop")
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    with pytest.raises(ATMGCNError, match=r"c\.mov: a video is written as \.avi or \.mp4"):
        VideoWriter(tmp_path / "c.mov", 30)

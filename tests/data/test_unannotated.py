"""One clip out of a recording without annotations."""

from fractions import Fraction

import numpy as np
import pytest

from atm_gcn.config import DataConfig
from atm_gcn.data.unannotated import clip_from_source
from atm_gcn.errors import ATMGCNError
from tests.data.recordings import drawn_face, number_of, picture, write_folder, write_video
from tests.media.videos import encode, moving_bar

SMALL = DataConfig(size=32)
MOVING = [moving_bar(number) for number in range(24)]
EMPTY = np.full((240, 320, 3), 60, dtype=np.uint8)


def test_a_whole_video(tmp_path):
    pictures, info = clip_from_source(write_video(tmp_path / "v.avi", map(picture, range(20)), fps=50), SMALL)
    frames = pictures.frames
    assert frames.shape == (20, 32, 32, 3) and frames.dtype == np.uint8
    assert [number_of(frame) for frame in frames] == list(range(20)) == list(info.numbers)
    assert (info.onset, info.onset_source) == (0, "first frame")
    assert (info.offset, info.offset_source) == (19, "last frame")
    assert info.apex == info.numbers[info.apex_position] and info.apex_source == "max-motion"
    assert (info.fps, info.fps_source) == (50, "video")
    assert info.face is None


def test_resampled_and_capped(tmp_path):
    video = write_video(tmp_path / "v.avi", map(picture, range(40)), fps=50)
    assert clip_from_source(video, DataConfig(size=16, fps=25))[1].numbers == tuple(range(0, 40, 2))
    assert clip_from_source(video, DataConfig(size=16, fps=25), fps=100)[1].numbers == tuple(range(0, 40, 4))
    _, info = clip_from_source(video, DataConfig(size=16, max_frames=7), apex=3)
    assert len(info.numbers) == 7 and info.numbers[0] == 0 and info.numbers[-1] == 39
    assert info.numbers[info.apex_position] == info.apex == 3 and info.apex_source == "given"


def test_a_folder_of_frames(tmp_path):
    folder = write_folder(tmp_path / "clip", range(5, 25))
    pictures, info = clip_from_source(folder, DataConfig(size=16, fps=30), onset=7, apex=12, offset=20)
    assert [number_of(frame) for frame in pictures.frames] == list(range(7, 21)) == list(info.numbers)
    assert (info.onset_source, info.apex_source, info.offset_source) == ("given", "given", "given")
    assert info.apex_position == 5
    assert (info.fps, info.fps_source) == (30, "assumed")
    assert clip_from_source(folder, DataConfig(size=16, apex="middle"))[1].apex_source == "middle"


def test_the_onset_is_the_first_frame_with_a_face(tmp_path):
    images = [EMPTY] * 6 + [drawn_face(smile) for smile in (0, 0, 0.5, 1, 1, 0.5)]
    video = write_video(tmp_path / "late.avi", images)
    pictures, info = clip_from_source(video, DataConfig(size=64, face="crop"))
    assert (info.onset, info.onset_source, info.face.position) == (6, "first face", 6)
    assert info.numbers == tuple(range(6, 12)) and info.apex in (9, 10)
    x, y = info.face.face.centre
    assert abs(x - 160) < 15 and abs(y - 120) < 15
    assert pictures.frames[0, 32, 32, 0] > 150  # skin in the middle
    _, info = clip_from_source(video, DataConfig(size=64, face="crop"), onset=2)
    assert (info.onset, info.onset_source) == (2, "given") and info.face is not None
    with pytest.raises(ATMGCNError, match="first face is in frame 6, after the apex 4"):
        clip_from_source(video, DataConfig(size=64, face="crop"), apex=4)
    _, info = clip_from_source(video, SMALL)
    assert info.onset == 0 and info.face is None


def refuses(message: str, path, config: DataConfig = SMALL, **given) -> None:
    with pytest.raises(ATMGCNError, match=message) as error:
        clip_from_source(path, config, **given)
    assert str(path) in str(error.value)


def test_what_cannot_be_a_clip_is_named(tmp_path):
    video = write_video(tmp_path / "v.avi", [EMPTY] * 9)
    refuses("no face found in 9 frames", video, DataConfig(face="crop"))
    refuses("no face found in 4 frames", video, DataConfig(face="crop", max_frames=4))
    refuses("has no frame 9 for the offset; its frames are 0 to 8", video, offset=9)
    refuses("onset 5 lies after offset 3", video, onset=5, offset=3)
    refuses("onset 5 lies after apex 2", video, onset=5, apex=2)
    refuses("only frame 8 can be used", video, onset=8)
    late = write_video(tmp_path / "late.avi", [EMPTY] * 3 + [drawn_face()])
    refuses("only frame 3 can be used", late, DataConfig(face="crop"))
    refuses("no such folder", tmp_path / "nothing")


def test_a_video_is_timed_by_its_stamps(tmp_path):
    times = [*range(0, 600, 60), *range(600, 900, 30)]  # 10 frames per second, then 20
    video = encode(tmp_path / "v.mp4", MOVING[:20], times=times, time_base=Fraction(1, 600))
    _, info = clip_from_source(video, DataConfig(size=16, fps=10), apex=13)
    assert info.numbers == (*range(10), 10, 13, 14, 16, 18)
    assert info.seconds == pytest.approx([times[number] / 600 for number in info.numbers], abs=1e-6)
    assert info.positions == pytest.approx([1 + times[number] / 60 for number in info.numbers], abs=1e-3)
    assert (info.offset, info.offset_seconds) == (19, pytest.approx(870 / 600))
    assert "variable frame rate" in info.notes[0]


def test_missing_frames_of_a_folder_are_logged(tmp_path, caplog):
    folder = write_folder(tmp_path / "clip", [1, 2, 3, 4, 9, 10, 11])
    _, info = clip_from_source(folder, DataConfig(size=16), fps=30)
    assert info.missing == ("frames 5, 6, 7 and 1 more are missing",)
    assert "frames 5, 6, 7 and 1 more are missing" in caplog.text
    assert info.positions == (1, 2, 3, 4, 9, 10, 11)
    assert clip_from_source(folder, DataConfig(size=16), offset=4)[1].missing == ()
    every_second = write_folder(tmp_path / "second", [1, 3, 5, 7])
    assert clip_from_source(every_second, DataConfig(size=16))[1].missing == ()


def test_a_damaged_video_is_read_as_far_as_it_goes(tmp_path, caplog):
    video = encode(tmp_path / "v.avi", MOVING, "mjpeg", "yuvj420p")
    content = bytearray(video.read_bytes())
    place = content.index(b"\xff\xd8", len(content) // 2)
    content[place : content.index(b"\xff\xd8", place + 2)] = bytes(content.index(b"\xff\xd8", place + 2) - place)
    video.write_bytes(content)
    pictures, info = clip_from_source(video, SMALL)
    assert 5 < len(pictures.frames) < 24
    assert info.missing[-1] == f"is damaged: only frames 0 to {len(pictures.frames) - 1} are read"
    assert "is damaged: only frames 0 to" in caplog.text
    refuses("is damaged at frame", video, offset=22)


def test_a_video_in_which_nothing_moves_says_so(tmp_path, caplog):
    rng = np.random.default_rng(0)
    still = moving_bar(0, 240, 320)
    noisy = [(still + rng.normal(0, 4, still.shape)).clip(0, 255).astype(np.uint8) for _ in range(12)]
    for images in ([still] * 12, noisy):
        _, info = clip_from_source(encode(tmp_path / "v.mkv", images, "ffv1"), DataConfig(size=96))
        assert "shows no movement" in info.notes[-1] and "shows no movement" in caplog.text
    assert clip_from_source(encode(tmp_path / "v.mkv", MOVING, "ffv1"), DataConfig(size=96))[1].notes == ()


def test_an_address_is_one_sentence(tmp_path):
    for text in ("https://example.org/v.mp4?x=1", str(tmp_path / "rtsp://camera/1")):
        with pytest.raises(ATMGCNError, match="is an address; download the video, and give the file"):
            clip_from_source(text, SMALL)

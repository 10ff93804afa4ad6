"""Videos come out frame by frame as they went in, whatever format they were in, each at its time."""

from fractions import Fraction

import numpy as np
import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.video.index import describe_index, index_video
from atm_gcn.media.video.reader import read_video
from tests.media.videos import encode, moving_bar, woven

IMAGES = [moving_bar(number) for number in range(24)]
SHORT_GROUPS = {"x264-params": "keyint=6:scenecut=0:bframes=2"}


def read(path, numbers=None) -> np.ndarray:
    index = index_video(path)
    return np.stack(list(read_video(path, index, range(len(index)) if numbers is None else numbers)))


def error(frames: np.ndarray, expected) -> float:
    """Mean difference in grey levels."""
    return float(np.abs(frames.astype(float) - np.stack(expected)).mean())


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("h264.mp4", {}),
        ("h265.mkv", {"codec": "libx265", "options": {"x265-params": "log-level=error"}}),
        ("vp9.webm", {"codec": "libvpx-vp9"}),
        ("mjpeg.avi", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}),
        ("mpeg4.avi", {"codec": "mpeg4", "options": {"b": "4000000"}}),
        ("mpeg2.ts", {"codec": "mpeg2video", "options": {"b": "4000000"}}),
        ("ten_bits.mkv", {"codec": "ffv1", "pix_fmt": "yuv422p10le"}),
        ("grey_of_twelve_bits.mkv", {"codec": "ffv1", "pix_fmt": "gray12le"}),
        ("grey_of_sixteen_bits.mkv", {"codec": "ffv1", "pix_fmt": "gray16le"}),
        ("alpha.mkv", {"codec": "ffv1", "pix_fmt": "yuva420p"}),
        ("limited_bt709.mp4", {"colours": (1, 1)}),
        ("full_bt709.mp4", {"colours": (1, 2)}),
    ],
)
def test_every_format_shows_the_same_frames(tmp_path, name, options):
    path = encode(tmp_path / name, IMAGES, **options)
    frames = read(path)
    assert frames.shape == (24, 64, 96, 3)
    assert error(frames, IMAGES) < 3
    seconds = index_video(path).seconds
    np.testing.assert_allclose(np.diff(seconds), 1 / 25, atol=1e-3)
    assert index_video(path).rate == pytest.approx(25)


@pytest.mark.parametrize("matrix", [1, 5])
def test_colours_follow_the_matrix_that_is_marked(tmp_path, matrix):
    colours = np.zeros((64, 96, 3), np.uint8)
    colours[:, :48], colours[:, 48:] = (200, 60, 40), (30, 180, 90)
    path = encode(tmp_path / "c.mkv", [colours] * 2, "ffv1", "yuv444p", colours=(matrix, 1))
    assert error(read(path), [colours] * 2) < 1.5


def test_a_few_frames_are_those_of_the_whole(tmp_path):
    path = encode(tmp_path / "v.mp4", IMAGES, options=SHORT_GROUPS)
    whole, index = read(path), index_video(path)
    assert index.entries.tolist() == [0, 6, 12, 18]
    rng = np.random.default_rng(0)
    for count in (1, 2, 5):
        numbers = np.sort(rng.choice(24, count, replace=False)).tolist()
        assert np.array_equal(read(path, numbers), whole[numbers])


@pytest.mark.parametrize("parameters", ["keyint=6:open-gop=1:bframes=3", "keyint=8:intra-refresh=1"])
def test_key_frames_that_do_not_stand_alone_are_no_trap(tmp_path, parameters):
    path = encode(tmp_path / "v.mp4", IMAGES, options={"x264-params": f"{parameters}:scenecut=0"})
    whole = read(path)
    assert len(index_video(path).entries) > 1
    for number in range(24):
        assert np.array_equal(read(path, [number])[0], whole[number])


def test_variable_rates_are_timed_by_their_stamps(tmp_path):
    times = [*range(0, 600, 60), *range(600, 1020, 30)]  # 10 per second, then 20
    path = encode(tmp_path / "v.mp4", IMAGES, times=times, time_base=Fraction(1, 600))
    index = index_video(path)
    np.testing.assert_allclose(index.seconds, np.array(times) / 600, atol=1e-6)
    assert index.is_variable and index.rate == pytest.approx(20)
    assert "variable frame rate, on average 13.94 per second" in describe_index(index)[0]
    assert error(read(path), IMAGES) < 3


@pytest.mark.parametrize("claimed", [1000, 2000])
def test_the_rate_that_a_container_claims_is_not_believed(tmp_path, claimed):
    path = encode(tmp_path / "v.mkv", IMAGES, rate=claimed, times=range(0, 960, 40), time_base=Fraction(1, 1000))
    assert index_video(path).rate == pytest.approx(25)
    assert not index_video(path).is_variable


def test_interlaced_frames_are_deinterlaced(tmp_path):
    path = encode(tmp_path / "v.mp4", woven(24), options={"x264-params": "bff=1:qp=0"})
    index, frames = index_video(path), read(path)
    assert index.is_interlaced
    assert "is interlaced: deinterlaced with bwdif" in describe_index(index)

    def combing(images) -> float:
        grey = np.stack(images)[..., 0].astype(float)
        return float(np.abs(2 * grey[:, 1:-1] - grey[:, :-2] - grey[:, 2:]).mean())

    assert combing(frames) < combing(woven(24)) / 3
    assert error(frames, IMAGES) < error(np.stack(woven(24)), IMAGES)
    for numbers in ([5], [0, 23], [11, 12]):
        assert np.array_equal(read(path, numbers), frames[numbers])


def test_interlacing_that_begins_late_is_seen(tmp_path):
    late = encode(tmp_path / "late.ts", IMAGES[:12], "mpeg2video", options={"g": "4"})
    woven_part = encode(tmp_path / "woven.ts", woven(12), "mpeg2video", options={"flags": "+ildct+ilme", "g": "4"})
    joined = tmp_path / "joined.ts"
    joined.write_bytes(late.read_bytes() + woven_part.read_bytes())
    frames = read(joined)
    assert len(frames) == 24
    assert np.array_equal(frames[:12], read(late))
    assert np.array_equal(read(joined, [20])[0], frames[20])


@pytest.mark.parametrize(("degrees", "quarters"), [(90, 1), (180, 2), (270, 3)])
def test_rotation_is_applied(tmp_path, degrees, quarters):
    frames = read(encode(tmp_path / "v.mp4", IMAGES, turn=degrees))
    assert error(frames, [np.rot90(image, quarters) for image in IMAGES]) < 3


def test_pixels_become_square(tmp_path):
    path = encode(tmp_path / "v.mp4", IMAGES, aspect=Fraction(4, 3))
    frames = read(path)
    assert frames.shape == (24, 64, 128, 3)
    assert error(frames[:, :, ::4], [image[:, ::3] for image in IMAGES]) < 6
    assert "stretched in width" in describe_index(index_video(path))[0]


@pytest.mark.parametrize(("name", "codec", "pix_fmt"), [("v.gif", "gif", "rgb8"), ("v.apng", "apng", "rgb24")])
def test_animations_are_videos(tmp_path, name, codec, pix_fmt):
    path = encode(tmp_path / name, IMAGES, codec, pix_fmt)
    assert error(read(path), IMAGES) < 25  # a GIF has few colours
    assert index_video(path).rate == pytest.approx(25)


@pytest.mark.parametrize("name", ["12:30.mp4", "100%03d.mp4", "[a] {b}.mp4", "vidéo видео 動画.mp4", " -x '\".mp4"])
def test_any_name_will_do(tmp_path, name):
    assert len(read(encode(tmp_path / "v.mp4", IMAGES[:3]).rename(tmp_path / name))) == 3


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("v.mp4", b"", "is not a video that can be read"),
        ("v.mp4", b"no video" * 50, "is not a video that can be read"),
        ("notes.txt", b"a text that FFmpeg would draw\n" * 50, "is not a video that can be read"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nhttp://localhost/a.ts\n", "is not a video that can be read"),
        ("list.txt", b"ffconcat version 1.0\nfile /etc/passwd\n", "is not a video that can be read"),
        ("v.mp4", b"\0\0\0\x18ftypisom" + bytes(40), "is damaged, or was cut off before it was complete"),
    ],
)
def test_what_is_no_video_is_one_sentence(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ATMGCNError, match=message):
        index_video(tmp_path / name)

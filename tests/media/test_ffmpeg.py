"""Files made by FFmpeg's own programs: the frames that they show and the time stamps that they tell."""

import json
import subprocess

import cv2
import numpy as np
import pytest

from atm_gcn.media.video.index import index_video
from atm_gcn.media.video.reader import read_video
from tests.media.videos import moving_bar

pytestmark = pytest.mark.ffmpeg

FILES = {  # name: options that make it, the filter that shows it
    "interlaced.mp4": ("-vf interlace=scan=tff -flags +ildct+ilme -x264opts interlaced=1", "bwdif=mode=send_frame"),
    "interlaced.mpg": ("-vf interlace=scan=bff -flags +ildct+ilme -c:v mpeg2video", "bwdif=mode=send_frame"),
    "variable.mp4": ("-vf setpts=(N/15+gt(N\\,20)*(20-N)/30)/TB -vsync vfr -video_track_timescale 3000", ""),
    "anamorphic.mp4": ("-vf setsar=4/3", "scale=iw*sar:ih"),
    "ten_bits.mp4": ("-c:v libx265 -x265-params log-level=error -pix_fmt yuv420p10le", ""),
    "ten_bits_of_prores.mov": ("-c:v prores_ks -pix_fmt yuv422p10le", ""),
    "alpha.mov": ("-c:v qtrle -pix_fmt argb", ""),
    "full_range.mp4": ("-vf scale=out_range=full -color_range pc", ""),
    "matroska.mkv": ("-vf setpts=(N/15+gt(N\\,20)*(20-N)/30)/TB -vsync vfr", ""),
}


def run(*command: str) -> bytes:
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(40):
        image = moving_bar(number, 96, 128)
        image[..., 1] //= 2  # not grey
        cv2.imwrite(str(folder / f"{number:02d}.png"), image)
    return str(folder / "%02d.png")


@pytest.mark.parametrize("name", FILES)
def test_frames_and_times_are_those_of_ffmpeg(pictures, tmp_path, name):
    options, shown_by = FILES[name]
    path = tmp_path / name
    pixels = [] if "-pix_fmt" in options else ["-pix_fmt", "yuv420p"]
    run("ffmpeg", "-v", "error", "-framerate", "30", "-i", pictures, *options.split(), *pixels, str(path))
    check(path, ["-vf", shown_by] if shown_by else [])


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation_is_that_of_ffmpeg(pictures, tmp_path, degrees):
    plain, path = tmp_path / "plain.mp4", tmp_path / "rotated.mp4"
    run("ffmpeg", "-v", "error", "-framerate", "30", "-i", pictures, "-pix_fmt", "yuv420p", str(plain))
    turn = ["-metadata:s:v", f"rotate={degrees}"]
    if b"display_rotation" in run("ffmpeg", "-v", "error", "-h", "full"):
        run("ffmpeg", "-v", "error", "-display_rotation", str(degrees), "-i", str(plain), "-c", "copy", str(path))
    else:
        run("ffmpeg", "-v", "error", "-i", str(plain), "-c", "copy", *turn, str(path))
    check(path, [])


def check(path, shown_by) -> None:
    """Compare every frame within 2 grey levels on average, and every time within a millisecond."""
    index = index_video(path)
    frames = np.stack(list(read_video(path, index, range(len(index)))))
    raw = [*shown_by, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]
    shown = run("ffmpeg", "-v", "error", "-i", str(path), "-vsync", "passthrough", *raw)
    expected = np.frombuffer(shown, np.uint8).reshape(-1, *frames.shape[1:])
    assert len(expected) == len(frames)
    assert np.abs(frames.astype(float) - expected).mean(axis=(1, 2, 3)).max() < 2
    probed = json.loads(
        run(
            "ffprobe",
            "-v",
            "error",
            "-show_entries",
            "frame=pts_time,best_effort_timestamp_time",
            "-of",
            "json",
            str(path),
        )
    )
    times = np.array([float(frame.get("pts_time", "nan")) for frame in probed["frames"]])
    assert np.isfinite(times).sum() > 1
    np.testing.assert_allclose(index.seconds[np.isfinite(times)], times[np.isfinite(times)], atol=1e-3)

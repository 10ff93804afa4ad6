"""Damaged copies of videos are read as far as they go or refused in one sentence, every time alike."""

import hashlib
import time
from pathlib import Path

import numpy as np
import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.video import index as video_index
from atm_gcn.media.video.reader import DamagedVideoError, read_video
from tests.media.videos import encode, moving_bar, woven

IMAGES = [moving_bar(number) for number in range(30)]
KINDS = {
    "h264.mp4": {"options": {"x264-params": "keyint=12:bframes=2"}},
    "interlaced.mp4": {"options": {"x264-params": "tff=1"}},
    "h265.mkv": {"codec": "libx265", "pix_fmt": "yuv420p10le", "options": {"x265-params": "log-level=error"}},
    "mpeg4.avi": {"codec": "mpeg4"},
    "mpeg2.ts": {"codec": "mpeg2video"},
    "mjpeg.avi": {"codec": "mjpeg", "pix_fmt": "yuvj420p"},
    "vp9.webm": {"codec": "libvpx-vp9"},
    "v.gif": {"codec": "gif", "pix_fmt": "rgb8"},
}
HANG_SECONDS = 10.0


@pytest.fixture(scope="module")
def videos(tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("videos")
    return [
        encode(folder / name, woven(30) if name == "interlaced.mp4" else IMAGES, **options)
        for name, options in KINDS.items()
    ]


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """A copy with bits flipped, bytes removed, overwritten or cut off."""
    copy, place = bytearray(content), int(rng.integers(len(content)))
    kind = rng.choice(["bits", "head", "cut", "remove", "zero"])
    if kind == "bits":
        for position in rng.integers(len(copy), size=rng.choice([1, 3, 10, 50, 300])):
            copy[position] ^= 1 << int(rng.integers(8))
    elif kind == "head":
        for position in rng.integers(min(len(copy), 2000), size=3):
            copy[position] = int(rng.integers(256))
    elif kind == "cut":
        del copy[place:]
    elif kind == "remove":
        del copy[place : place + int(rng.choice([1, 100, 3000]))]
    else:
        copy[place : place + 500] = bytes(len(copy[place : place + 500]))
    return bytes(copy)


def reading(path: Path) -> list[str]:
    """What comes out: the index, a digest of every frame, and the sentence that ends it if one does."""
    video_index._index.cache_clear()
    found = []
    try:
        index = video_index.index_video(path)
        found.append(f"{len(index)} {index.incomplete} {index.seconds.sum()}")
        for frame in read_video(path, index, range(len(index))):
            found.append(hashlib.sha256(frame.tobytes()).hexdigest())
    except ATMGCNError as error:
        found.append(str(error))
    return found


def check_copies(videos: list[Path], folder: Path, seeds: range) -> None:
    for seed in seeds:
        rng = np.random.default_rng(seed)
        source = videos[seed % len(videos)]
        copy = folder / f"{seed}_{source.name}"
        copy.write_bytes(damaged(source.read_bytes(), rng))
        start = time.monotonic()
        first = reading(copy)
        scratch = [rng.integers(256, size=64 * 96 * 3, dtype=np.uint8) for _ in range(64)]  # other bytes in the heap
        del scratch
        assert reading(copy) == first, f"{copy.name}: two readings differ"
        assert time.monotonic() - start < 2 * HANG_SECONDS, copy.name
        copy.unlink()


def test_damaged_copies(videos, tmp_path):
    check_copies(videos, tmp_path, range(80))


@pytest.mark.slow
def test_a_thousand_damaged_copies(videos, tmp_path):
    check_copies(videos, tmp_path, range(1000, 2000))


def test_a_file_that_ends_early_is_read_as_far_as_it_goes(tmp_path):
    path = encode(tmp_path / "v.mp4", IMAGES, muxer={"movflags": "faststart"})
    whole = list(read_video(path, video_index.index_video(path), range(30)))
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(path.read_bytes()[: int(0.7 * path.stat().st_size)])
    index = video_index.index_video(cut)
    assert 2 <= len(index) < 30
    assert index.incomplete.startswith(f"{len(index)} of 30 frames (")
    for frame, expected in zip(read_video(cut, index, range(len(index))), whole, strict=False):
        assert np.array_equal(frame, expected)


def test_a_damaged_frame_ends_the_reading(tmp_path):
    path = encode(tmp_path / "v.avi", IMAGES, "mjpeg", "yuvj420p")
    content = bytearray(path.read_bytes())
    place = content.index(b"\xff\xd8", len(content) // 2)
    end = content.index(b"\xff\xd8", place + 2)
    content[place:end] = bytes(end - place)
    path.write_bytes(content)
    index, frames = video_index.index_video(path), []
    with pytest.raises(DamagedVideoError, match=r"is damaged at frame \d+ of \d+; use frames before it only") as error:
        frames += list(read_video(path, index, range(30)))
    assert 0 < error.value.number < 30
    before = list(read_video(path, index, range(error.value.number)))
    assert len(before) == error.value.number

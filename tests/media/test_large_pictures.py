"""Small files that claim large pictures are refused by their headers, before memory is taken for them."""

import os
import struct
import zlib
from fractions import Fraction
from unittest.mock import patch

import cv2
import numpy as np
import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.limits import PIXELS
from atm_gcn.media.pictures import decode_picture, read_header
from atm_gcn.media.sources import open_source

from .picture_files import encoded, smooth, tiff
from .videos import encode, moving_bar

COLOUR8 = (smooth((48, 64, 3), 4095) >> 4).astype(np.uint8)
GIF, JPEG, JP2 = (encoded(COLOUR8, suffix) for suffix in (".gif", ".jpg", ".jp2"))
PROGRESSIVE = encoded(COLOUR8, ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
SCAN = PROGRESSIVE[PROGRESSIVE.rindex(b"\xff\xda") : -2]
SIZ = JP2.index(b"\xff\x51")
SMALL_SIZ = JP2[SIZ - 2 : SIZ + 60]


def with_bytes(data, place, new):
    return data[:place] + new + data[place + len(new) :]


def in_first_box(data):
    """A JPEG 2000 file that has a box with another picture's size before its own, which is larger."""
    large = with_bytes(data, SIZ + 6, struct.pack(">IIIIIIII", 30_000, 30_000, 0, 0, 30_000, 30_000, 0, 0))
    return large[:12] + struct.pack(">I4s", 8 + len(SMALL_SIZ), b"xml ") + SMALL_SIZ + large[12:]


LARGE = {
    "float.tif": (tiff(np.zeros((3000, 3000), np.float32)), "3000 x 3000 pixels; at most 8 million are read"),
    "scans.jpg": (PROGRESSIVE[:-2] + 100 * SCAN + b"\xff\xd9", r"is a JPEG of 1\d\d scans; at most 100 are read"),
    "tiles.tif": (tiff(COLOUR8, {322: [30_000], 323: [30_000]}), "tiles of 900,000,000 pixels; at most 67 million"),
    "boxes.jp2": (in_first_box(JP2), "30000 x 30000 pixels; at most 67 million are read"),
    "many.jp2": (with_bytes(JP2, SIZ + 38, b"\x40\0"), "is JPEG 2000 with 16384 channels, which is not read"),
    "wide.gif": (with_bytes(GIF, 6, b"\xff\xff\xff\xff"), "65535 x 65535 pixels; at most 67 million are read"),
    "wide.jpg": (with_bytes(JPEG, JPEG.index(b"\xff\xc0") + 5, b"\x75\x30\x75\x30"), "30000 x 30000 pixels"),
}


@pytest.mark.parametrize("name", LARGE)
def test_what_would_cost_much_is_refused_undecoded(tmp_path, name):
    data, message = LARGE[name]
    (tmp_path / name).write_bytes(data)
    with patch("cv2.imdecode", side_effect=AssertionError), pytest.raises(ATMGCNError, match=message):
        decode_picture(tmp_path / name)


def test_the_bound_can_be_set(tmp_path, monkeypatch):
    (tmp_path / "1.png").write_bytes(encoded(COLOUR8, ".png"))
    monkeypatch.setenv(PIXELS.variable, "3e3")
    with pytest.raises(ATMGCNError, match=r"has 64 x 48 pixels; .*set the environment variable ATM_GCN_MAX_PIXELS"):
        decode_picture(tmp_path / "1.png")
    monkeypatch.setenv(PIXELS.variable, "3072")
    assert decode_picture(tmp_path / "1.png").shape == (48, 64, 3)
    for wrong in ("many", "nan", "inf", "0", "-1"):
        monkeypatch.setenv(PIXELS.variable, wrong)
        with pytest.raises(ATMGCNError, match=f"^ATM_GCN_MAX_PIXELS must be a number of at least 1, not '{wrong}'$"):
            decode_picture(tmp_path / "1.png")


def test_of_a_tag_that_occurs_twice_the_first_counts(tmp_path):
    data = tiff(COLOUR8, {285: [9000]}).replace(struct.pack("<HHI", 285, 3, 1), struct.pack("<HHI", 256, 3, 1))
    (tmp_path / "1.tif").write_bytes(data)
    assert read_header(data).width == 64
    assert np.array_equal(decode_picture(tmp_path / "1.tif"), COLOUR8[..., ::-1])


def test_bytes_between_the_segments_of_a_jpeg_are_skipped(tmp_path):
    place = JPEG.index(b"\xff\xdb")
    (tmp_path / "1.jpg").write_bytes(JPEG[:place] + b"\0\0\0" + JPEG[place:])
    assert np.array_equal(decode_picture(tmp_path / "1.jpg"), cv2.imdecode(np.frombuffer(JPEG, np.uint8), 1))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_no_picture(tmp_path):
    os.mkfifo(tmp_path / "img1.png")
    (tmp_path / "img2.png").symlink_to("/dev/zero")
    for name in ("img1.png", "img2.png"):
        with pytest.raises(ATMGCNError, match="is no regular file"):
            decode_picture(tmp_path / name)
    with pytest.raises(ATMGCNError, match="is no regular file"):
        open_source(tmp_path).read([1])


def moving_png(side):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    def frame(number):
        return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, side, side, 0, 0, 1, 10, 0, 0))

    rows = zlib.compress(bytes((side + 1) * side))
    parts = [
        chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)),
        chunk(b"acTL", struct.pack(">II", 2, 0)),
    ]
    parts += [
        frame(0),
        chunk(b"IDAT", rows),
        frame(1),
        chunk(b"fdAT", struct.pack(">I", 2) + rows),
        chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("name", ["a.png", "a.gif", "a.mkv"])
def test_frames_of_a_video_are_bounded_before_the_first_is_decoded(tmp_path, monkeypatch, name):
    moving = GIF[:-1] + GIF[13 + (3 << ((GIF[10] & 7) + 1)) :] if name == "a.gif" else moving_png(64)
    (tmp_path / name).write_bytes(moving)
    assert len(open_source(tmp_path / name).numbers) == 2
    monkeypatch.setenv(PIXELS.variable, "3000")
    os.utime(tmp_path / name, (1, 1))  # else the index is known
    with pytest.raises(ATMGCNError, match="its frames have no size, or more than 3,000 pixels each"):
        open_source(tmp_path / name)


def test_frames_are_bounded_as_wide_as_they_are_shown(tmp_path, monkeypatch):
    path = encode(tmp_path / "v.mp4", [moving_bar(number) for number in range(3)], aspect=Fraction(3, 1))
    assert next(open_source(path).iterate([0])).shape == (64, 288, 3)
    monkeypatch.setenv(PIXELS.variable, "10000")
    os.utime(path, (1, 1))
    with pytest.raises(ATMGCNError, match="claims frames of 288x64, more than 10,000 pixels each"):
        open_source(path)

"""Picture files that are refused by name, and damaged ones, which never pass for whole ones."""

import struct
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.pictures import decode_picture, needs_depth, refuse_single

from .picture_files import encoded, png, smooth, tiff, with_chunk

GREY, COLOUR = smooth((48, 64), 4095), smooth((48, 64, 3), 4095)
COLOUR8 = (COLOUR >> 4).astype(np.uint8)
JPEG, GIF = encoded(COLOUR8, ".jpg"), encoded(COLOUR8, ".gif")
SOF = JPEG.index(b"\xff\xc0")
GIF_PICTURE = 13 + (3 << ((GIF[10] & 7) + 1))
WITH_NAN = (GREY / 4095).astype(np.float32)
WITH_NAN[5, 5] = np.nan

REFUSED = {
    "12.jpg": (JPEG[: SOF + 4] + b"\x0c" + JPEG[SOF + 5 :], "JPEG with 12 bits per value, which is not read; convert"),
    "ls.jpg": (b"\xff\xd8\xff\xf7\0\x0b\x08\0\x30\0\x40\1\1\x11\0", "the JPEG-LS form"),
    "half.tif": (tiff((GREY / 4095).astype(np.float16)), "16-bit floating-point values"),
    "int.tif": (tiff(GREY.astype(np.int32)), "32-bit integers"),
    "negative.tif": (tiff(GREY.astype(np.int16) - 9), "holds negative values"),
    "bytes.tif": (tiff((GREY / 16).astype(np.float32)), "floating-point values from 0 to 255.938; those from 0 to 1"),
    "nan.tif": (tiff(WITH_NAN), "no number"),
    "cmyk.tif": (tiff(np.dstack([COLOUR, GREY]), {262: 5}), "4 channels that are neither grey nor RGB"),
    "two.tif": (tiff(COLOUR[..., :2], {338: 2}), "2 channels that are neither grey nor RGB"),
    "planes.tif": (tiff(COLOUR, planar=True), "separate planes"),
    "lerc.tif": (tiff(GREY, {259: 34887}), "TIFF with compression 34887"),
    "four.tif": (tiff(GREY >> 8, packed_bits=4), "TIFF with 4 bits per value"),
    "eleven.tif": (tiff(GREY // 2, packed_bits=11), "11-bit integers"),
    "dng.tif": (tiff(GREY, {50706: [1]}), "camera RAW data"),
    "mosaic.tif": (tiff(GREY, {262: 32803}), "camera RAW data"),
    "stack.tif": (tiff(GREY, pages=3), "holds several pictures in one TIFF file; split it .*'magick stack.tif"),
    "stack8.tif": (tiff(COLOUR8, pages=2, order=">"), "holds several pictures"),
    "moving.png": (with_chunk(encoded(COLOUR8, ".png"), b"acTL", struct.pack(">II", 2, 0)), "several .* one PNG file"),
    "moving.gif": (GIF[:-1] + GIF[GIF_PICTURE:], "several pictures in one GIF file"),
    "moving.webp": (b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\2\0\0\0\x3f\0\0\x2f\0\0", "several pictures in one WebP file"),
    "huge.png": (png(np.zeros((1, 1), np.uint8), 30_000, 8, 0), "corrupt"),
    "phone.jpg": (b"\0\0\0\x18ftypheic\0\0\0\0", "is of the format HEIC, which is not read; convert"),
    "xl.png": (b"\0\0\0\x0cJXL \r\n\x87\n", "is of the format JPEG XL"),
    "exr.tif": (b"v/1\1\2\0\0\0", "OpenEXR"),
    "photo.jpg": (b"8BPS\0\1", "Photoshop"),
}
REFUSED["huge.png"] = (
    REFUSED["huge.png"][0].replace(struct.pack(">II", 30_000, 1), struct.pack(">II", 30_000, 30_000)),
    "has 30000 x 30000 pixels; at most 67 million are read",
)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_read_is_refused_by_name(tmp_path, name):
    data, message = REFUSED[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ATMGCNError, match=message) as error:
        decode_picture(tmp_path / name)
    assert str(error.value).startswith(f"{tmp_path / name}: ") and "corrupt" not in str(error.value)


def test_a_thumbnail_beside_the_picture_is_no_second_one(tmp_path):
    file = tmp_path / "1.tif"
    file.write_bytes(tiff(GREY, {254: [1]}, pages=2))
    assert decode_picture(file).shape == (48, 64, 3)


WHOLE = {
    ".jpg": JPEG,
    ".jpeg": encoded(COLOUR8, ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    ".png": encoded(COLOUR, ".png"),
    ".tif": encoded(COLOUR, ".tif"),
    ".tiff": tiff(GREY),
    ".gif": GIF,
    ".bmp": encoded(COLOUR8, ".bmp"),
    ".webp": encoded(COLOUR8, ".webp"),
    ".jp2": encoded(COLOUR, ".jp2"),
    ".pgm": encoded(GREY, ".pgm"),
}


@pytest.mark.parametrize("suffix", WHOLE)
def test_a_file_that_ends_early_is_refused(tmp_path, suffix):
    file, whole = tmp_path / f"1{suffix}", WHOLE[suffix]
    for length in [0, 1, 3, *np.linspace(8, len(whole) - 1, 30).astype(int)]:
        file.write_bytes(whole[:length])
        with pytest.raises(ATMGCNError, match="is corrupt, or no image"):
            decode_picture(file)


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".png"])
def test_a_file_whose_end_is_zeros_is_refused(tmp_path, suffix):
    """Copies that were broken off often have the full length."""
    file, whole = tmp_path / f"1{suffix}", WHOLE[suffix]
    for length in np.linspace(200, len(whole) - 20, 10).astype(int):
        file.write_bytes(whole[:length].ljust(len(whole), b"\0"))
        with pytest.raises(ATMGCNError, match="is corrupt, or no image"):
            decode_picture(file)
    file.write_bytes(whole + bytes(50))  # padded behind its end
    assert decode_picture(file).shape == (48, 64, 3)


def test_a_length_beyond_the_file_takes_no_memory(tmp_path):
    file, whole = tmp_path / "1.png", WHOLE[".png"]
    place = whole.index(b"IDAT") - 4
    file.write_bytes(whole[:place] + b"\x7f" + whole[place + 1 :])  # two gigabytes
    with patch("cv2.imdecode", side_effect=AssertionError), pytest.raises(ATMGCNError, match="is corrupt"):
        decode_picture(file)


@pytest.mark.parametrize("suffix", WHOLE)
def test_a_damaged_file_is_refused_or_read_alike_twice(tmp_path, suffix):
    rng, file = np.random.default_rng(len(suffix)), tmp_path / f"1{suffix}"
    for _ in range(40):
        data = bytearray(WHOLE[suffix])
        for place in rng.integers(0, min(len(data), rng.choice([60, len(data)])), 3):
            data[place] = rng.integers(0, 256)
        file.write_bytes(data)
        needs_depth(bytes(data))
        try:
            first = decode_picture(file)
        except ATMGCNError:
            continue
        np.full_like(first, 77)  # so that memory that is read without being written shows
        assert np.array_equal(first, decode_picture(file))


def test_a_picture_is_no_recording(tmp_path):
    def refusal(name: str, data: bytes) -> str:
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ATMGCNError) as error:
            refuse_single(tmp_path / name)
        return str(error.value)

    assert "is one picture; give the folder that holds the frames" in refusal("img1.jpg", JPEG)
    assert "split it into one file per frame" in refusal("stack.tif", tiff(GREY, pages=3))
    assert "split it into one file per frame" in refusal("moving.webp", REFUSED["moving.webp"][0])
    assert "is a HEIC picture, which is not read" in refusal("a.HEIC", b"")
    for name in ("moving.gif", "moving.png"):
        (tmp_path / name).write_bytes(REFUSED[name][0])
        refuse_single(tmp_path / name)
    refuse_single(Path("clip.mp4"))

"""Kinds of picture files that are read, against the values they were made from or OpenCV's own conversion."""

import cv2
import numpy as np
import pytest

from atm_gcn.media.pictures import decode_picture, read_header

from .picture_files import encoded, png, smooth, tiff, turned

GREY, COLOUR = smooth((48, 64), 4095), smooth((48, 64, 3), 4095)
GREY8, COLOUR8 = (GREY >> 4).astype(np.uint8), (COLOUR >> 4).astype(np.uint8)
ALPHA = np.dstack([COLOUR, GREY])
RGB = COLOUR[..., ::-1]  # as the files made by hand have it
PALETTE = np.random.default_rng(0).integers(0, 256, (256, 3), dtype=np.uint8).tobytes()

EIGHT_BITS = {
    "grey.png": encoded(GREY8, ".png"),
    "colour.png": encoded(COLOUR8, ".png"),
    "alpha.png": encoded((ALPHA >> 4).astype(np.uint8), ".png"),
    "grey-alpha.png": png(np.dstack([GREY8, GREY8]).reshape(48, -1), 64, 8, 4),
    "palette.png": png(GREY8, 64, 8, 3, PLTE=PALETTE),
    "palette-transparent.png": png(GREY8, 64, 8, 3, PLTE=PALETTE, tRNS=b"\0\x7f"),
    "one-bit.png": png(np.packbits(GREY8 > 99, axis=1), 64, 1, 0),
    "colour.jpg": encoded(COLOUR8, ".jpg"),
    "grey.jpg": encoded(GREY8, ".jpg"),
    "progressive.jpg": encoded(COLOUR8, ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "turned.jpg": turned(encoded(COLOUR8, ".jpg"), 6),
    "lzw.tif": encoded(COLOUR8, ".tif"),
    "big-endian.tif": tiff(COLOUR8, order=">"),
    "planes.tif": tiff(COLOUR8, planar=True),
    "cmyk.tif": tiff(np.dstack([COLOUR8, GREY8]), {262: 5}),
    "min-is-white.tif": tiff(GREY8, {262: 0}),
    "a.bmp": encoded(COLOUR8, ".bmp"),
    "lossless.webp": encoded(COLOUR8, ".webp"),
    "lossy.webp": encoded(COLOUR8, ".webp", cv2.IMWRITE_WEBP_QUALITY, 80),
    "a.gif": encoded(COLOUR8, ".gif"),
    "a.jp2": encoded(COLOUR8, ".jp2"),
    "a.pgm": encoded(GREY8, ".pgm"),
    "a.ppm": encoded(COLOUR8, ".ppm"),
    "a.pbm": encoded(GREY8, ".pbm"),
}

DEEP = {
    "grey.png": (encoded(GREY, ".png"), GREY),
    "colour.png": (encoded(COLOUR, ".png"), COLOUR),
    "alpha.png": (encoded(ALPHA, ".png"), COLOUR),
    "grey.tif": (tiff(GREY), GREY),
    "colour.tif": (tiff(COLOUR), RGB),
    "alpha.tif": (tiff(ALPHA, {338: 2}), RGB),
    "big-endian.tif": (tiff(COLOUR, order=">"), RGB),
    "tiles.tif": (tiff(COLOUR, tile=32), RGB),
    "bigtiff.tif": (tiff(GREY, big=True, order=">"), GREY),
    "min-is-white.tif": (tiff(4095 - GREY, {262: 0}), GREY),
    "turned.tif": (tiff(GREY, {274: 6}), np.rot90(GREY, -1)),
    "signed.tif": (tiff(GREY.astype(np.int16)), GREY),
    "thumbnail.tif": (tiff(GREY) + b"more", GREY),
    **{
        f"compression-{number}.tif": (encoded(COLOUR, ".tif", cv2.IMWRITE_TIFF_COMPRESSION, number), COLOUR)
        for number in (1, 5, 8, 32773, 32946)
    },
    "float.tif": (tiff((GREY / 4095).astype(np.float32)), GREY),
    "float-colour.tif": (tiff((COLOUR / 4095).astype(np.float32), order=">"), RGB),
    "double.tif": (tiff(GREY / 4095), GREY),
    "a.pgm": (b"P5 # a camera\n64 48\n4095\n" + GREY.astype(">u2").tobytes(), GREY),
    "a.ppm": (b"P6\n64 48 4095\n" + COLOUR.astype(">u2").tobytes(), RGB),
    "text.pgm": (b"P2\n64 48\n4095\n" + " ".join(map(str, GREY.ravel())).encode() + b"\n", GREY),
    "half.pgm": (b"P5\n64 48\n127\n" + (GREY >> 5).astype(np.uint8).tobytes(), (GREY >> 5) * (4095 / 127)),
    "a.jp2": (encoded(GREY, ".jp2", cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000), GREY),
}


@pytest.mark.parametrize("name", EIGHT_BITS)
def test_eight_bits_are_as_opencv_decodes_them(tmp_path, name):
    (tmp_path / name).write_bytes(EIGHT_BITS[name])
    decoded = decode_picture(tmp_path / name)
    expected = cv2.imdecode(np.frombuffer(EIGHT_BITS[name], np.uint8), cv2.IMREAD_COLOR)
    assert decoded.dtype == np.uint8 and np.array_equal(decoded, expected)
    assert decoded.shape == ((64, 48, 3) if name == "turned.jpg" else (48, 64, 3))


@pytest.mark.parametrize("name", EIGHT_BITS | DEEP)
def test_headers_hold_the_size(name):
    header = read_header(EIGHT_BITS[name] if name in EIGHT_BITS else DEEP[name][0])
    assert (header.width, header.height) == (64, 48)
    assert not header.several and not header.unread and not header.cut_off


@pytest.mark.parametrize("name", DEEP)
def test_more_bits_are_scaled_to_eight(tmp_path, name):
    data, expected = DEEP[name]
    (tmp_path / name).write_bytes(data)
    decoded = decode_picture(tmp_path / name)
    expected = expected * (255 / 4095)
    assert decoded.dtype == np.uint8 and decoded.shape == (*expected.shape[:2], 3)
    assert np.abs(decoded - (expected if expected.ndim == 3 else expected[..., None])).max() <= 0.51
    assert len(np.unique(decoded)) > 100

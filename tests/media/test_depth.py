"""Values of 10, 12 and 14 bits in files of 16: how they are scaled, the same for a whole recording."""

import struct

import cv2
import numpy as np
import pytest

from atm_gcn.media.pictures import PictureSeries, find_depth, read_picture
from atm_gcn.media.pictures.series import MOST_EXAMINED

from .picture_files import encoded, smooth, tiff, with_chunk, write_series

FLAT = np.full((8, 8), 500, np.uint16)


def series(folder, images, suffix=".png", make=None) -> tuple[PictureSeries, list]:
    files = [make(image) if make else encoded(image, suffix) for image in images]
    write_series(folder, files, suffix)
    paths = [folder / f"img{number}{suffix}" for number in range(len(files))]
    return PictureSeries(paths), paths


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("bits", [10, 12, 14])
def test_a_random_clip_keeps_its_grey_levels_under_one_scale(tmp_path, bits, seed):
    rng = np.random.default_rng(seed)
    suffix, white = (".png", ".tif")[seed % 2], (1 << bits) - 1
    shape = (*rng.integers(20, 70, 2), *([3] if seed % 3 == 0 else []))
    base = smooth(shape, round(white * rng.uniform(0.8, 1)), seed)
    images = [np.roll(base, step, axis=1) // int(rng.integers(1, 3)) for step in range(7)] + [base]
    pictures, paths = series(tmp_path, images, suffix)
    decoded = [pictures.decode(path) for path in paths]
    for image, picture in zip(images, decoded, strict=True):
        expected = (image if image.ndim == 3 else image[..., None]) * (255 / white)
        assert picture.dtype == np.uint8 and picture.shape[2] == 3
        assert np.abs(picture - expected).max() <= 1
    assert len(np.unique(decoded[-1])) > 150
    alone = PictureSeries(paths).decode(paths[0])  # without the brighter ones having been read before
    assert np.array_equal(alone, decoded[0])


def test_the_depth_is_noted(tmp_path):
    pictures, paths = series(tmp_path, [FLAT, FLAT * 8])
    assert str(pictures.depth) == "12 of 16 bits, by their brightest value (4000 in 2 of 2 pictures)"
    assert pictures.notes == ("has 16-bit pictures of which 12 bits are used, according to their brightest value",)
    assert PictureSeries(paths).notes == pictures.notes  # before anything is decoded


@pytest.mark.parametrize(
    "brightest, bits", [(0, 8), (255, 8), (256, 10), (1023, 10), (1024, 12), (1500, 12), (16383, 14), (16384, 16)]
)
def test_the_brightest_value_selects_one_of_the_usual_depths(tmp_path, brightest, bits):
    pictures, paths = series(tmp_path, [np.full((4, 4), brightest, np.uint16)])
    assert pictures.depth.bits == bits
    assert abs(int(pictures.decode(paths[0])[0, 0, 0]) - brightest * 255 / ((1 << bits) - 1)) <= 0.5


@pytest.mark.parametrize("tag", [281, 341])
def test_a_tiff_tag_holds_the_depth_of_a_dark_clip(tmp_path, tag):
    pictures, _ = series(tmp_path, [FLAT], ".tif", lambda image: tiff(image, {tag: 4095}))
    assert (pictures.depth.bits, pictures.depth.source) == (12, "tags")
    pictures, _ = series(tmp_path / "bright", [FLAT * 16], ".tif", lambda image: tiff(image, {tag: 4095}))
    assert (pictures.depth.bits, pictures.depth.source) == (14, "brightest value")  # the tag is wrong


def test_significant_bits_of_png_are_those_of_values_that_fit(tmp_path):
    def tagged(image):
        return with_chunk(encoded(image, ".png"), b"sBIT", struct.pack("B", 12))

    assert series(tmp_path / "kept", [FLAT], ".png", tagged)[0].depth.white == 4095
    assert (
        series(tmp_path / "scaled", [FLAT * 16], ".png", tagged)[0].depth.white == 65535
    )  # scaled, as the standard has it


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_packed_tiff_states_its_depth(tmp_path, bits):
    image = smooth((20, 30), (1 << bits) - 1) // 5
    pictures, paths = series(tmp_path, [image], ".tif", lambda image: tiff(image, packed_bits=bits))
    assert (pictures.depth.bits, pictures.depth.source) == (bits, "headers")
    assert np.abs(pictures.decode(paths[0])[..., 0] - image * (255 / ((1 << bits) - 1))).max() <= 0.5


def test_of_many_pictures_some_are_read_and_what_exceeds_them_is_white_and_noted(tmp_path):
    images = [FLAT] * (2 * MOST_EXAMINED)
    images[1] = images[-1] = FLAT * 2  # the last one is looked at, the second is not
    images[3] = FLAT * 3
    pictures, paths = series(tmp_path, images)
    depth = pictures.depth
    assert str(depth) == "10 of 16 bits, by their brightest value (1000 in 100 of 200 pictures)"
    assert pictures.decode(paths[1]).max() == 249 and len(pictures.notes) == 1
    assert pictures.decode(paths[3]).min() == 255
    assert pictures.notes[1].endswith("parts of them are white")


def test_a_deep_picture_among_others_is_found_wherever_it_is(tmp_path):
    images = [FLAT.astype(np.uint8)] * (2 * MOST_EXAMINED)
    images[1] = FLAT * 8
    pictures, paths = series(tmp_path, images)
    assert pictures.depth.bits == 12
    assert pictures.decode(paths[1]).max() == 249


def test_damaged_pictures_do_not_hide_the_depth(tmp_path):
    pictures, paths = series(tmp_path, [FLAT, FLAT * 8])
    paths[0].write_bytes(b"damaged")
    assert pictures.depth.bits == 12
    assert find_depth([paths[0]]) is None


def test_eight_bits_have_no_depth(tmp_path):
    pictures, paths = series(tmp_path, [FLAT.astype(np.uint8)])
    assert pictures.decode(paths[0]).max() == FLAT.astype(np.uint8).max()
    assert pictures.depth is None and pictures.notes == ()
    assert not read_picture(paths[0]).needs_depth
    assert cv2.imread(str(paths[0]), cv2.IMREAD_UNCHANGED).dtype == np.uint8

"""Crop, alignment and registration are one map, and the frame is sampled once."""

import cv2
import numpy as np
import pytest

from atm_gcn.media.picture_transform import PictureTransform, compose
from atm_gcn.media.resizing import resize_square

IDENTITY = np.eye(2, 3)
BOX = (31, 17, 90)


def frame(height: int = 120, width: int = 160, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).uniform(0, 255, (height, width, 3)).astype(np.float32)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


def ramp(height: int, width: int) -> np.ndarray:
    """Red tells x, green tells y, in pixels of 256."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x, y, np.zeros_like(x)], axis=-1).astype(np.uint8)


@pytest.mark.parametrize("size", [24, 64, 200])
def test_without_motion_a_crop_is_scaled_as_ever(size):
    picture, (x, y, side) = frame(), BOX
    whole, box = PictureTransform.whole(picture.shape), PictureTransform.of_box(BOX)
    assert np.array_equal(whole.picture(picture, size), resize_square(picture, size))
    cropped = resize_square(picture[y : y + side, x : x + side], size)
    out = np.empty((size, size, 3), np.uint8)
    assert box.picture(picture, size, out=out) is not None
    assert np.array_equal(out, cropped)


def test_the_identity_shows_the_frame_itself():
    picture = frame(96, 96)
    assert np.array_equal(PictureTransform.whole(picture.shape).picture(picture, 96, IDENTITY), picture)


@pytest.mark.parametrize("size", [16, 37, 64, 90, 200])
def test_with_motion_the_crop_lies_where_it_lies_without(size):
    box, picture = PictureTransform.of_box(BOX), frame()
    still, sampled = box.picture(picture, size).astype(int), box.picture(picture, size, IDENTITY).astype(int)
    assert np.abs(still - sampled).mean() < 3


def test_motion_moves_by_shares_of_the_side():
    box, right = PictureTransform.of_box((20, 30, 80)), np.array([[1, 0, 5 / 80], [0, 1, 2 / 80]])
    still = box.picture(ramp(160, 160), 80, IDENTITY).astype(int)
    moved = box.picture(ramp(160, 160), 80, right).astype(int)
    assert (moved[..., 0] - still[..., 0] == 5).all() and (moved[..., 1] - still[..., 1] == 2).all()


def test_a_small_picture_of_a_large_frame_is_a_mean_and_no_sample():
    checks = np.indices((480, 480)).sum(axis=0) % 2 * 255
    picture = np.repeat(checks[..., None], 3, axis=-1).astype(np.uint8)
    for size in (40, 100, 224):
        small = PictureTransform.whole(picture.shape).picture(picture, size, np.array([[1, 0, 0.001], [0, 1, 0.0007]]))
        inner = small[2:-2, 2:-2].astype(int)
        assert np.abs(inner - 127.5).max() < 40


def test_beyond_its_border_the_frame_goes_on():
    picture = PictureTransform.of_box((0, 0, 50)).picture(ramp(50, 50), 50, np.array([[1, 0, -0.5], [0, 1, 0.0]]))
    assert (picture[:, :25, 0] == 0).all() and (picture[:, 30:, 0] > 0).all()


def test_a_similarity_maps_places_to_points():
    places = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.8]])
    true = PictureTransform(np.array([[80, -20, 10], [20, 80, 5]], dtype=np.float64))
    found = PictureTransform.similarity(places, true.to_recording(places))
    assert np.allclose(found.matrix, true.matrix) and found.rectangle is None
    assert np.allclose(found.to_picture(found.to_recording(places)), places)
    squeezed = PictureTransform.similarity(places, true.to_recording(places) * (1, 1.2))
    assert np.isclose(squeezed.matrix[0, 0], squeezed.matrix[1, 1])
    assert np.isclose(squeezed.matrix[0, 1], -squeezed.matrix[1, 0])


def test_a_similarity_needs_no_motion_to_be_sampled():
    turned = PictureTransform(np.array([[0, -64, 64], [64, 0, 0]], dtype=np.float64))  # a quarter turn
    picture = frame(64, 64)
    assert np.array_equal(turned.picture(picture, 64), np.rot90(picture, 1))


def test_the_aspect_is_that_of_the_part():
    assert PictureTransform.whole((120, 240, 3)).aspect == 2
    assert PictureTransform.of_box(BOX).aspect == 1
    assert np.isclose(PictureTransform(np.array([[3, -4, 0], [4, 3, 0]], dtype=np.float64)).aspect, 1)


def test_maps_are_composed_inner_first():
    outer, inner = np.array([[2, 0, 1], [0, 2, 0.0]]), np.array([[1, 0, 3], [0, 1, 4.0]])
    assert compose(outer, inner).tolist() == [[2, 0, 7], [0, 2, 8]]


@pytest.mark.parametrize("motion", [None, IDENTITY, np.array([[1, 0.1, -0.2], [-0.1, 1, 0.1]])])
@pytest.mark.parametrize("size", [20, 90, 150])
def test_depth_is_sampled_where_the_picture_is(size, motion):
    """Depth that a frame's red tells lies in the same places of both pictures."""
    picture, box = frame(), PictureTransform.of_box(BOX)
    depth = box.depth(picture[..., 0].astype(np.uint16) * 200 + 1, size, motion)
    assert depth.shape == (size, size) and depth.dtype == np.uint16
    np.testing.assert_allclose((depth - 1.0) / 200, box.picture(picture, size, motion)[..., 0], atol=1.5)


@pytest.mark.parametrize("motion", [None, IDENTITY])
@pytest.mark.parametrize("size", [15, 30, 77])
def test_what_was_not_measured_changes_no_depth_around_it(size, motion):
    depth = np.full((30, 30), 40_000, np.uint16)
    depth[:, :10] = 0
    sampled = PictureTransform.whole(depth.shape).depth(depth, size, motion)
    assert set(np.unique(sampled).tolist()) == {0, 40_000}
    assert (sampled == 0).mean() == pytest.approx(1 / 3, abs=1 / size)


def test_largest_depth_does_not_wrap():
    depth = np.where(np.indices((8, 8)).sum(0) % 2, 65_535, 1).astype(np.uint16)
    sampled = PictureTransform.whole(depth.shape).depth(depth, 13, IDENTITY).astype(int)
    assert sampled.min() >= 0 and sampled.max() == 65_535

import numpy as np
import pytest

from atm_gcn.media.optical_flow import flow_from_picture, flow_view, optical_flow, strain
from tests.media.optical_flow.textures import moved_pair

STRETCH = np.array([[1.05, 0.0, 1.0], [0.0, 1.0, 0.5]])


def test_channels_are_percent_of_the_side_and_ten_times_the_strain():
    pair = moved_pair(64, STRETCH)
    view, flow = flow_view(*pair, "farneback", 64), optical_flow(*pair, "farneback")
    assert view.shape == (64, 64, 3) and view.dtype == np.float16
    assert view[..., :2] == pytest.approx(flow / 64 * 100, rel=1e-3, abs=1e-3)
    assert view[..., 2] == pytest.approx(10 * strain(flow), rel=1e-3, abs=1e-3)


def test_a_small_view_is_the_average_of_a_large_one():
    pair = moved_pair(64, STRETCH)
    large, small = (flow_view(*pair, "dis", size).astype(float) for size in (64, 16))
    assert small == pytest.approx(large.reshape(16, 4, 16, 4, 3).mean(axis=(1, 3)), abs=5e-3)


def test_a_mirrored_clip_has_mirrored_flow_with_the_opposite_u():
    pair = moved_pair(64, STRETCH)
    view = flow_view(*pair, "farneback", 16).astype(float)
    mirrored = flow_view(*(picture[:, ::-1].copy() for picture in pair), "farneback", 16).astype(float)
    expected = view[:, ::-1] * (-1, 1, 1)
    assert np.abs(mirrored - expected).mean() < 0.02 * np.abs(view).mean()


def test_a_picture_of_flow_is_read_around_its_middle():
    picture = np.array([[[0, 255, 255], [127, 128, 0]]], np.uint8)
    read = flow_from_picture(picture)
    assert read.dtype == np.float32
    assert read[0, 0] == pytest.approx((-1, 1, 1))
    assert read[0, 1] == pytest.approx((-1 / 255, 1 / 255, 0))
    assert flow_from_picture(255 - picture[..., :1].repeat(3, -1))[..., 0] == pytest.approx(-read[..., 0])

import cv2
import numpy as np
import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.optical_flow import METHODS, optical_flow
from tests.media.optical_flow.textures import moved_pair

SHIFT = np.array([[1.0, 0.0, 1.5], [0.0, 1.0, -0.75]])  # to the right and upwards


@pytest.mark.parametrize("method", METHODS)
def test_right_is_positive_u_and_up_is_negative_v(method):
    flow = optical_flow(*moved_pair(48, SHIFT), method)
    assert flow.shape == (48, 48, 2) and flow.dtype == np.float32
    assert np.median(flow, axis=(0, 1)) == pytest.approx((1.5, -0.75), abs=0.08)


@pytest.mark.parametrize("method", METHODS)
def test_the_flow_is_where_the_skin_of_the_onset_goes(method):
    turn = np.array([[np.cos(0.05), -np.sin(0.05), 0], [np.sin(0.05), np.cos(0.05), 0]])  # clockwise as seen
    flow = optical_flow(*moved_pair(48, turn), method)
    y, x = np.mgrid[:48, :48] - 23.5
    expected = np.stack([x, y], axis=-1) @ (turn[:, :2] - np.eye(2)).T
    assert np.linalg.norm(flow - expected, axis=-1)[6:-6, 6:-6].mean() < 0.15


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("side", [8, 16, 28])
def test_small_pictures_are_taken(method, side):
    picture = moved_pair(side, SHIFT)[0]
    assert np.abs(optical_flow(picture, picture, method)).max() < 0.05


@pytest.mark.parametrize("method", ["dis", "farneback"])
def test_the_flow_does_not_depend_on_the_number_of_threads(method):
    pair, before, found = moved_pair(96, SHIFT), cv2.getNumThreads(), []
    try:
        for threads in (1, 4):
            cv2.setNumThreads(threads)
            found.append(optical_flow(*pair, method))
    finally:
        cv2.setNumThreads(before)
    assert np.array_equal(*found)


def test_an_unknown_method_is_named():
    picture = moved_pair(16, SHIFT)[0]
    with pytest.raises(ATMGCNError, match="method must be tvl1, farneback or dis, not 'horn'"):
        optical_flow(picture, picture, "horn")


def test_tvl1_without_scikit_image_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "skimage.registration", None)
    picture = moved_pair(16, SHIFT)[0]
    with pytest.raises(ATMGCNError, match=r"data.flow=tvl1\) needs skimage, which is not installed: .*\[flow\]"):
        optical_flow(picture, picture, "tvl1")

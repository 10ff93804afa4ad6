"""The motion of the parts of a face is told from that of the head."""

import cv2
import numpy as np
import pytest

from atm_gcn.media.apex import SIDE
from atm_gcn.media.block_motion import GRID, block_flow, without_head

COARSE = np.random.default_rng(0).uniform(60, 180, (20, 20)).astype(np.float32)
FACE = cv2.GaussianBlur(cv2.resize(COARSE, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), (0, 0), 1.5)
Y, X = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)


def moved(right, down):
    """The face with every pixel moved."""
    return cv2.remap(FACE, X - right, Y - down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)


def test_equal_pictures_show_no_motion():
    blocks, head = without_head(block_flow(FACE, FACE)[None])
    assert blocks.shape == (1, GRID, GRID, 2) and head.shape == (1, 6)
    assert np.abs(blocks).max() < 0.05 and np.abs(head).max() < 0.05


@pytest.mark.parametrize(
    ("right", "down", "expected"),
    [
        (1.5, -0.5, [1.5, -0.5, 0, 0, 0, 0]),
        (1.5 * (X / 48 - 1), 0 * Y, [0, 0, 1.5, 0, 0, 0]),
        (-1.0 * (Y / 48 - 1), 1.0 * (X / 48 - 1), [0, 0, 0, -1, 1, 0]),
    ],
    ids=["shift", "stretch", "turn"],
)
def test_the_motion_of_the_head_is_removed(right, down, expected):
    blocks, head = without_head(block_flow(FACE, moved(right, down))[None])
    assert head[0] == pytest.approx(expected, abs=0.15)
    assert np.abs(blocks[0, 1:-1, 1:-1]).mean() < 0.1


def test_a_movement_of_one_part_stays():
    patch = np.exp(-(((X - 30) ** 2 + (Y - 66) ** 2) / 2 / 8**2))
    blocks, head = without_head(block_flow(FACE, moved(1.0 + 0 * X, 0.5 - 1.5 * patch))[None])
    assert head[0, :2] == pytest.approx([1.0, 0.5], abs=0.15)
    row, column = np.unravel_index(np.abs(blocks[0, ..., 1]).argmax(), (GRID, GRID))
    assert (row, column) == (66 // 12, 30 // 12) and -1.3 < blocks[0, row, column, 1] < -0.6


def test_frames_are_independent_of_each_other():
    flows = np.stack([block_flow(FACE, moved(one, 0.2)) for one in (0.3, 0.9, 2.0)])
    together = without_head(flows)
    for place in range(3):
        alone = without_head(flows[place : place + 1])
        assert np.allclose(alone[0][0], together[0][place], atol=1e-5)
        assert np.allclose(alone[1][0], together[1][place], atol=1e-5)

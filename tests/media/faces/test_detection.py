"""Finding the face of a drawn portrait."""

import cv2
import numpy as np
import pytest

from atm_gcn.media.faces.detection import find_face
from atm_gcn.media.faces.face import Box
from tests.data.recordings import drawn_face

EMPTY = np.full((240, 320, 3), 60, dtype=np.uint8)


def centre(box: Box) -> tuple[float, float]:
    return box.x + box.side / 2, box.y + box.side / 2


@pytest.mark.parametrize("scale", [1, 3])
def test_the_box_holds_the_face(scale):
    frame = cv2.resize(drawn_face(x=190, y=110), None, fx=scale, fy=scale)
    box = find_face(frame)
    assert np.abs(np.subtract(centre(box), (190 * scale, 110 * scale))).max() < 15 * scale
    assert 90 * scale < box.side < 190 * scale
    assert box.crop(frame).shape == (box.side, box.side, 3)


def test_the_largest_face_wins():
    both = drawn_face(x=75, y=120, radius=35)
    both[:, 140:] = drawn_face(x=230, y=120, radius=70)[:, 140:]
    assert abs(centre(find_face(both))[0] - 230) < 15
    assert abs(centre(find_face(both[:, ::-1].copy()))[0] - 90) < 15


def test_the_box_lies_in_the_picture():
    for x, y in ((60, 70), (260, 170)):
        frame = drawn_face(x=x, y=y)
        box = find_face(frame)
        assert box.x >= 0 and box.y >= 0 and box.x + box.side <= 320 and box.y + box.side <= 240
    portrait = drawn_face()[50:190, 100:220]  # a face that fills the picture
    box = find_face(np.ascontiguousarray(portrait))
    assert box is None or box.crop(portrait).shape == (box.side, box.side, 3)


def test_no_face_is_none():
    assert find_face(EMPTY) is None
    assert find_face(np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)) is None

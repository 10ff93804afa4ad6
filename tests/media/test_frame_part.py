"""The part of a frame that a picture needs makes the same picture."""

import numpy as np
import pytest

from atm_gcn.media.frame_part import FramePart
from atm_gcn.media.picture_transform import PictureTransform

MOVED = np.array([[1.01, 0.02, 0.03], [-0.02, 0.99, -0.05]])
TURNED = PictureTransform(np.array([[150.0, 20, 80], [-20, 150, 70]]))


@pytest.mark.parametrize(
    ("transform", "size", "factor"),
    [
        (PictureTransform.of_box((60, 40, 150)), 64, 1),
        (PictureTransform.whole((240, 320)), 128, 1),
        (TURNED, 64, 1),
        (TURNED, 16, 5),
    ],
)
def test_pictures_of_the_part_are_those_of_the_frame(transform, size, factor):
    frame = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    part = FramePart.around(transform, frame.shape, size, beyond=0.12)
    assert part.factor == factor
    own, moved = part.of(frame), part.moved(transform)
    assert own.nbytes <= frame.nbytes and not np.shares_memory(own, frame)
    for motion in (None, np.eye(2, 3), MOVED):
        picture, expected = moved.picture(own, size, motion), transform.picture(frame, size, motion)
        assert np.abs(picture.astype(int) - expected).max() <= (1 if factor > 1 else 0)

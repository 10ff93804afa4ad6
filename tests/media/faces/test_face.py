"""Faces and their squares."""

import numpy as np
import pytest

from atm_gcn.media.faces import Box, Face, crop_box
from atm_gcn.media.faces.face import overlap


def test_the_box_is_a_square_about_the_same_centre():
    assert Face((10, 20, 30, 40)).box == Box(5, 20, 40)


@pytest.mark.parametrize(
    ("rectangle", "box"),
    [((50, 40, 20, 20), (48, 38, 24)), ((0, 0, 20, 20), (0, 0, 24)), ((90, 90, 30, 10), (64, 64, 36))],
)
def test_the_crop_lies_in_the_frame(rectangle, box):
    assert crop_box(Face(rectangle), (100, 100, 3), 0.1) == box


def test_a_face_larger_than_the_frame_is_cropped_to_it():
    assert crop_box(Face((-10, -10, 90, 90)), (60, 80, 3), 0.5) == Box(5, 0, 60)


def test_a_face_in_another_frame():
    face = Face((10, 20, 30, 40), 0.9, np.ones((5, 2))).moved(-4, 2).scaled(0.5)
    assert face.rectangle == (3, 11, 15, 20) and face.confidence == 0.9
    assert np.array_equal(face.points[0], [-1.5, 1.5])


def test_overlap_of_squares():
    assert overlap(Box(0, 0, 10), Box(0, 0, 10)) == 1
    assert overlap(Box(0, 0, 10), Box(5, 0, 10)) == pytest.approx(1 / 3)
    assert overlap(Box(0, 0, 10), Box(20, 0, 10)) == 0

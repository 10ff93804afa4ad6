"""The choice among several faces."""

import pytest

from atm_gcn.media.faces import Face, choose_face

LEFT, MIDDLE, RIGHT = Face((10, 50, 20, 20)), Face((45, 40, 15, 15)), Face((70, 10, 30, 30))
FACES = [RIGHT, LEFT, MIDDLE]  # largest first


@pytest.mark.parametrize(
    ("choice", "face"),
    [
        ("largest", RIGHT),
        ("track", RIGHT),
        ("left", LEFT),
        ("right", RIGHT),
        ("centre", MIDDLE),
        (1, LEFT),
        (2, MIDDLE),
    ],
)
def test_the_face_that_is_meant(choice, face):
    assert choose_face(FACES, choice, (100, 100, 3)) is face


@pytest.mark.parametrize("choice", [4, 0])
def test_fewer_faces_than_asked_for(choice):
    assert choose_face(FACES, choice, (100, 100, 3)) is None


@pytest.mark.parametrize("choice", ["largest", "left", "centre", 1])
def test_no_face(choice):
    assert choose_face([], choice, (100, 100, 3)) is None

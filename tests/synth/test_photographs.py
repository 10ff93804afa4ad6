"""Faces from pictures."""

import cv2
import numpy as np
import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.faces import find_faces
from atm_gcn.synth.face import list_faces, load_face
from atm_gcn.synth.face.photographs import EYES
from tests.data.recordings import write_image
from tests.media.faces.scenes import cutout


@pytest.mark.parametrize("degrees", [0, 20])
def test_the_face_is_placed_like_a_drawn_one(tmp_path, degrees):
    portrait = cutout(3, 160)[0]
    turn = cv2.getRotationMatrix2D((80, 80), degrees, 0.7) + np.array([[0, 0, 60], [0, 0, 10]])
    path = write_image(tmp_path / "a.png", cv2.warpAffine(portrait, turn, (300, 200), borderMode=cv2.BORDER_REPLICATE))
    face, landmarks = load_face(path, 160)
    assert face.shape == (160, 160, 3)
    assert landmarks.at("eye", "left") == pytest.approx(EYES[0])
    assert find_faces(face)[0].points[:2] / 160 == pytest.approx(np.array(EYES), abs=0.015)


def test_a_picture_without_a_face(tmp_path):
    path = write_image(tmp_path / "a.png", np.full((80, 80, 3), 90, np.uint8))
    assert list_faces(tmp_path) == [path]
    with pytest.raises(ATMGCNError, match=r"a\.png: no face found"):
        load_face(path, 64)

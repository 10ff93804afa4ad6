"""Alignment to the template."""

import numpy as np
import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.faces import Face, alignment
from atm_gcn.media.faces.template import TEMPLATE, USUAL_MARGIN, place_template
from tests.media.faces.scenes import scene


def turned(points: np.ndarray, degrees: float, scale: float, shift) -> np.ndarray:
    turn = scale * np.exp(1j * np.radians(degrees))
    return np.stack([(turn * (points @ (1, 1j))).real, (turn * (points @ (1, 1j))).imag], axis=-1) + shift


@pytest.mark.parametrize("degrees", [0, -30, 100])
@pytest.mark.parametrize("margin", [0, 0.1, 1])
def test_the_points_come_to_the_template(degrees, margin):
    face = Face((0, 0, 1, 1), 1.0, turned(TEMPLATE, degrees, 80, (200, 30)))
    transform = alignment(face, margin)
    assert transform.to_picture(face.points) == pytest.approx(place_template(margin))
    assert np.hypot(*transform.matrix[:, 0]) == pytest.approx(80 * (1 + 2 * margin) / (1 + 2 * USUAL_MARGIN))


def test_it_is_the_least_squares_similarity():
    points = turned(TEMPLATE, 10, 50, (90, 80)) + np.random.default_rng(0).normal(0, 2, (5, 2))
    best = alignment(Face((0, 0, 1, 1), 1.0, points), USUAL_MARGIN).matrix

    def error(matrix):
        return np.square(TEMPLATE @ matrix[:, :2].T + matrix[:, 2] - points).sum()

    linear, shift = best[:, :2], best[:, 2]
    for change in (1e-3, -1e-3):
        zoomed = np.column_stack([linear * (1 + change), shift - change * linear @ TEMPLATE.mean(axis=0)])
        shifted = np.column_stack([linear, shift + np.array([50 * change, 0])])
        assert error(best) < min(error(zoomed), error(shifted))


def test_beyond_the_frame_its_border_is_continued():
    frame = scene({0: (20, 75)})
    points = turned(TEMPLATE - 0.5, 0, 80, (10, 75))
    picture = alignment(Face((0, 0, 1, 1), 1.0, points), USUAL_MARGIN).picture(frame, 32)
    assert np.ptp(picture[:, :10].astype(int), axis=1).max() <= 2  # columns left of the frame repeat its first one


def test_a_face_without_landmarks_names_the_detector():
    with pytest.raises(ATMGCNError, match=r"--face align needs landmarks.*haar"):
        alignment(Face((0, 0, 1, 1)), 0.1)

import numpy as np
import pytest

from atm_gcn.media.optical_flow.colours import colour_wheel, flow_colours


@pytest.mark.parametrize(
    "direction, colour",
    [
        ((1, 0), (255, 0, 0)),
        ((0, 1), (128, 255, 0)),
        ((-1, 0), (0, 255, 255)),
        ((0, -1), (128, 0, 255)),
        ((0, 0), (255, 255, 255)),
        ((0.5, 0), (255, 128, 128)),
        ((9, 0), (255, 0, 0)),
    ],
)
def test_directions_have_their_colours(direction, colour):
    assert flow_colours(np.array([[direction]], float), 1)[0, 0].tolist() == pytest.approx(colour, abs=1)


def test_a_picture_without_movement_is_white():
    assert (flow_colours(np.zeros((2, 3, 2)), 0.0) == 255).all()


def test_the_wheel_is_white_in_its_centre_and_corners():
    wheel = colour_wheel(21)
    assert (wheel[10, 10] == 255).all() and (wheel[0, 0] == 255).all()
    assert wheel[10, 20].tolist() == [255, 0, 0] and wheel[10, 0].tolist() == [0, 255, 255]

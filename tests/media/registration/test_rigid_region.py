"""What counts for registration are forehead, temples and nose, wherever the face is."""

import numpy as np
import pytest

from atm_gcn.media.registration.rigid_region import rigid_region

FACE = np.array([[-0.5, 0], [0.5, 0], [0, 0.58], [-0.4, 1.06], [0.4, 1.06]])  # in distances between the pupils
PLACES = {  # the same -> weight, or None for something between
    (0, 0.15): 1,  # bridge of the nose
    (0, 0.45): 1,  # back of the nose
    (0.3, -0.85): 1,  # forehead
    (1.0, -0.1): 1,  # temple
    (0.5, -0.4): None,  # brow
    (0.5, 0): 0,  # pupil
    (0.62, 0.5): 0,  # cheek
    (0, 1.06): 0,  # mouth
    (1.5, 0): 0,  # background
    (0, -1.5): 0,  # hair
}


@pytest.mark.parametrize("side", [32, 128])
@pytest.mark.parametrize("turn", [0, 25])
def test_weights_follow_the_eyes(side, turn):
    cosine, sine = 0.24 * np.cos(np.deg2rad(turn)), 0.24 * np.sin(np.deg2rad(turn))
    linear, middle = np.array([[cosine, -sine], [sine, cosine]]), (0.5, 0.45)
    region = rigid_region(FACE @ linear.T + middle, side)
    assert region.shape == (side, side) and region.min() >= 0 and region.max() <= 1
    for place, weight in PLACES.items():
        for x in (place[0], -place[0]):
            column, row = (np.array([x, place[1]]) @ linear.T + middle) * side
            found = region[int(row), int(column)]
            assert 0.2 < found < 0.8 if weight is None else found == pytest.approx(weight, abs=0.15), place


def test_eyes_at_one_place_are_no_error():
    assert rigid_region(np.full((5, 2), 0.5), 32).shape == (32, 32)

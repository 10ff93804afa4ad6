import numpy as np
import pytest

from atm_gcn.media.optical_flow import strain


def field(gradient):
    """The displacement ``gradient @ (x, y)``, float64 ``[12, 15, 2]``."""
    y, x = np.mgrid[:12, :15].astype(float)
    return np.stack([x, y], axis=-1) @ np.asarray(gradient, float).T


def test_a_stretch_is_its_own_strain():
    assert strain(field([[0.1, 0], [0, 0]])) == pytest.approx(0.1)
    assert strain(field([[0, 0], [0, -0.2]])) == pytest.approx(0.2)
    assert strain(field([[0.3, 0], [0, 0.4]])) == pytest.approx(0.5)


def test_shear_counts_in_both_of_its_components():
    assert strain(field([[0, 0.1], [0, 0]])) == pytest.approx(np.sqrt(2) * 0.05)


def test_a_shift_and_a_small_turn_have_no_strain():
    assert strain(np.full((12, 15, 2), (3.0, -2.0))) == pytest.approx(0)
    assert strain(field([[0, -0.02], [0.02, 0]])) == pytest.approx(0)
    angle = 0.02
    turn = [[np.cos(angle) - 1, -np.sin(angle)], [np.sin(angle), np.cos(angle) - 1]]
    assert strain(field(turn)).max() < angle**2

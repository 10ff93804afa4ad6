"""The disturbances of a clip follow its settings."""

import numpy as np
import pytest

from atm_gcn.synth.camera import Disturbance, Recording, disturb
from atm_gcn.synth.face.identity import sample_identity

SECONDS = np.arange(0, 200, 0.5)
LANDMARKS = sample_identity(0, 0).landmarks


def drawn(seed: int = 0, **settings) -> Disturbance:
    return disturb(SECONDS, LANDMARKS, Recording(**settings), np.random.default_rng(seed))


def test_turn_tilts_the_head_and_changes_nothing_else():
    still, turned = drawn(drift=0), drawn(drift=0, turn=2)
    assert not still.turn.any()
    assert 1 < np.rad2deg(turned.turn).std() < 3
    for name in ("brightness", "shift", "zoom", "closure", "strengths"):
        assert np.array_equal(getattr(still, name), getattr(turned, name))


def test_drift_is_in_pixels_of_224():
    paths = [drawn(seed, drift=4).shift for seed in range(30)]
    assert 224 * np.std(paths) == pytest.approx(4, rel=0.2)
    assert np.allclose(drawn(drift=4).shift, 2 * drawn(drift=2).shift)

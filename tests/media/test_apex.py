"""The apex of clips without an annotated one."""

import cv2
import numpy as np
import pytest

from atm_gcn.media.apex import choose_apex, motion_from_onset
from tests.data.recordings import drawn_face

SMILE = np.array([0, 0.1, 0.3, 0.7, 1.0, 0.8, 0.5, 0.3, 0.1, 0.0])
APEX = 4


def smiling(drift: float = 0.0, flicker: float = 0.0, noise: float = 0.0, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    frames = []
    for step, smile in enumerate(SMILE):
        moved = np.array([[1, 0, drift * step], [0, 1, -drift * step / 2]])
        frame = cv2.warpAffine(drawn_face(smile), moved, (320, 240), borderMode=cv2.BORDER_REPLICATE).astype(float)
        frame = frame * (1 + flicker * rng.standard_normal()) + 40 * flicker * rng.standard_normal()
        frames.append(np.clip(frame + noise * rng.standard_normal(frame.shape), 0, 255).astype(np.uint8))
    return frames


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "disturbed", [{}, {"drift": 0.4}, {"flicker": 0.1}, {"noise": 6}, {"drift": 0.3, "flicker": 0.08, "noise": 4}]
)
def test_max_motion_finds_the_strongest_smile(disturbed, seed):
    assert abs(choose_apex(smiling(**disturbed, seed=seed), "max-motion") - APEX) <= 1


def test_drift_and_flicker_are_no_motion():
    still = [drawn_face()] * 3
    drifting = [
        cv2.warpAffine(drawn_face(), np.array([[1, 0, 0.7 * k], [0, 1, 0.3 * k]]), (320, 240)) for k in range(3)
    ]
    flickering = [np.clip(drawn_face() * gain + 5, 0, 255).astype(np.uint8) for gain in (1, 0.8, 0.9)]
    smile = motion_from_onset([drawn_face(), drawn_face(1.0), drawn_face(1.0)])[1]
    assert motion_from_onset(still).max() < 1e-3
    assert motion_from_onset(drifting).max() < 0.2 * smile
    assert motion_from_onset(flickering).max() < 0.2 * smile


def test_the_onset_is_never_the_apex():
    black = np.zeros((40, 30, 3), dtype=np.uint8)
    for method in ("max-motion", "middle"):
        assert choose_apex([black] * 2, method) == 1
        assert choose_apex([black] * 5, method) in range(1, 5)


def test_middle_is_half_way():
    assert [choose_apex([np.zeros((8, 8, 3), np.uint8)] * n, "middle") for n in (2, 3, 4, 9)] == [1, 1, 2, 4]

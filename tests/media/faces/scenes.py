"""Made videos of drawn people on a canvas, with the places of their faces known."""

from functools import cache

import cv2
import numpy as np

from atm_gcn.synth.face import draw_portrait, sample_identity

SEED, SIDE = 5, 112  # of the people, and of a person's picture in pixels
HEIGHT, WIDTH = 150, 400


@cache
def cutout(person: int, side: int = SIDE) -> tuple[np.ndarray, np.ndarray]:
    """A drawn person's picture ``[side, side, 3]`` and how much of every pixel is the person, ``[side, side, 1]``."""
    picture = draw_portrait(sample_identity(SEED, person), side)
    cover = np.zeros((side, side), np.float32)
    cv2.ellipse(cover, (side // 2, side // 2), (round(0.36 * side), round(0.46 * side)), 0, 0, 360, 1, -1)
    return picture, cv2.GaussianBlur(cover, (0, 0), side / 60)[..., None]


def scene(places: dict[int, tuple[float, float]], side: int = SIDE, size=(HEIGHT, WIDTH)) -> np.ndarray:
    """A frame with people whose pictures are centred at places (x, y); later ones stand before earlier ones."""
    across = np.linspace(90, 130, size[1])[None, :, None]
    frame = np.broadcast_to(across * (1.0, 0.95, 0.85), (*size, 3)).astype(np.float32)
    for person, (x, y) in places.items():
        picture, cover = cutout(person, side)
        shift = np.array([[1, 0, x - side / 2], [0, 1, y - side / 2]])
        moved, alpha = (cv2.warpAffine(part.astype(np.float32), shift, size[::-1]) for part in (picture, cover))
        frame = frame * (1 - alpha[..., None]) + moved * alpha[..., None]
    return frame.round().astype(np.uint8)

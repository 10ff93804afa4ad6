"""A textured picture without interpolation errors, moved by known maps."""

import cv2
import numpy as np

SIDE = 224
POINTS = np.array([[0.38, 0.45], [0.62, 0.45], [0.5, 0.6], [0.42, 0.72], [0.58, 0.72]])
"""Where its eyes, nose and corners of the mouth would be, in the unit square."""
BROW, MOUTH = (0.38, 0.36), (0.5, 0.75)
Push = tuple[tuple[float, float], float, float]


def motion(right: float = 0, down: float = 0, turn: float = 0, zoom: float = 1, shear: float = 0) -> np.ndarray:
    """A map about the picture's middle, ``[2, 3]``: pixels of 224, degrees, a factor, and a share."""
    cosine, sine = zoom * np.cos(np.deg2rad(turn)), zoom * np.sin(np.deg2rad(turn))
    linear = np.array([[cosine, -sine + shear], [sine, cosine]])
    return np.column_stack([linear, (0.5 + right / SIDE, 0.5 + down / SIDE) - linear @ (0.5, 0.5)])


def head(moved: np.ndarray | None = None, push: Push | None = None, seed: int = 0, side: int = SIDE) -> np.ndarray:
    """A picture of waves, uint8 RGB ``[side, side, 3]``.

    Args:
        moved: ``[2, 3]``: where its content has moved to.
        push: A place, by how many pixels of 224 the content there has moved up before that, and over which radius.
        seed: Of the waves.
        side: Side of the picture.
    """
    steps = (np.arange(side) + 0.5) / side
    x, y = np.meshgrid(steps, steps)
    if moved is not None:
        inverse = np.linalg.inv(moved[:, :2])
        x, y = np.einsum("ij,jhw->ihw", inverse, np.stack([x, y]) - moved[:, 2, None, None])
    if push is not None:
        (left, top), by, radius = push
        y = y + by / SIDE * np.exp(-0.5 * (((x - left) / radius) ** 2 + ((y - top) / radius) ** 2))
    rng = np.random.default_rng(seed)
    grey = np.full((side, side), 120.0)
    for _ in range(40):
        across, down = rng.uniform(-16, 16, 2)  # waves per side
        grey += 10 * np.cos(2 * np.pi * (across * x + down * y + rng.random()))
    return np.repeat(np.clip(grey, 0, 255).round().astype(np.uint8)[..., None], 3, axis=-1)


def closed(picture: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """The picture with both eyes covered by even skin, as in a blink."""
    shut = picture.copy()
    for eye in POINTS[:2]:
        x, y = SIDE * (moved @ (*eye, 1))
        cv2.ellipse(shut, (round(x), round(y)), (14, 8), 0, 0, 360, (210, 210, 210), -1)
    return shut


def distance(found: np.ndarray, true: np.ndarray) -> float:
    """Largest distance between two maps in the inner part of the picture, in pixels of 224."""
    places = np.stack(np.meshgrid([0.2, 0.5, 0.8], [0.2, 0.5, 0.8]), axis=-1).reshape(-1, 2)
    difference = found - true
    return SIDE * float(np.hypot(*(places @ difference[:, :2].T + difference[:, 2]).T).max())

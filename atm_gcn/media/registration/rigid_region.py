"""The part of a face that moves with the head and hardly with the expression."""

import numpy as np

# In distances between the pupils, from the middle between them: x away from the midline, y down.
OUTLINE = (1.2, -1.2, 0.6)  # half width, top (forehead) and bottom (back of the nose) of what counts
NOSE = (0.2, 0.2)  # below the first, only what is closer to the midline than the second counts: cheeks are left out
EYES = ((0.5, 0.0), (0.38, 0.2))  # centre and radii
BROWS = ((0.5, -0.4), (0.5, 0.22))
BROW_WEIGHT = 0.3  # of the brows and the forehead just above, which move in many expressions but seldom for long
EDGE = 0.08  # width of the soft edges


def rigid_region(points: np.ndarray, side: int) -> np.ndarray:
    """Weights of a picture's pixels by how surely they move with the head alone.

    Forehead, temples and bridge and back of the nose count in full, the brows less, and the eyes (which blink), cheeks
    and mouth not at all.

    Args:
        points: ``[5, 2]``: left eye, right eye, tip of the nose, left and right corner of the mouth, left as seen in
            the picture; in the unit square of the picture. Only the eyes are read.
        side: Side of the picture in pixels.

    Returns:
        float32 ``[side, side]`` from 0 to 1.
    """
    (left, right) = np.asarray(points, dtype=np.float64)[:2]
    axis = right - left
    steps = (np.arange(side) + 0.5) / side
    dx, dy = np.meshgrid(*(steps - middle for middle in (left + right) / 2))
    length = max(float(axis @ axis), 1e-12)
    x = np.abs(dx * axis[0] + dy * axis[1]) / length
    y = (dy * axis[0] - dx * axis[1]) / length
    half, top, bottom = OUTLINE
    inside = _soft(half - x) * _soft(y - top) * _soft(bottom - y)
    below, width = NOSE
    inside *= np.maximum(_soft(below - y), _soft(width - x))
    inside *= 1 - _ellipse(x, y, *EYES)
    inside *= 1 - (1 - BROW_WEIGHT) * _ellipse(x, y, *BROWS)
    return inside.astype(np.float32)


def _soft(distance: np.ndarray) -> np.ndarray:
    """0 where ``distance`` is below minus EDGE, 1 above EDGE, linear between."""
    return np.clip(0.5 + distance / (2 * EDGE), 0, 1)


def _ellipse(x: np.ndarray, y: np.ndarray, centre: tuple[float, float], radii: tuple[float, float]) -> np.ndarray:
    away = np.hypot((x - centre[0]) / radii[0], (y - centre[1]) / radii[1])
    return _soft((1 - away) * min(radii))

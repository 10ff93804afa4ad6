"""Optical flow in colours: the hue is the direction, the saturation the size; white does not move."""

import numpy as np


def flow_colours(flow: np.ndarray, reach: float) -> np.ndarray:
    """A picture of optical flow.

    Args:
        flow: u (right) and v (down), ``[H, W, 2]``.
        reach: Length of the vectors that are drawn in full colour; longer ones are, too.

    Returns:
        uint8 RGB ``[H, W, 3]``: red to the right, yellow-green downwards, cyan to the left, violet upwards.
    """
    u, v = (flow[..., channel].astype(np.float32) for channel in (0, 1))
    hue = np.arctan2(v, u) * (3 / np.pi) % 6  # of six sectors
    saturation = (np.hypot(u, v) / max(reach, 1e-12)).clip(0, 1)
    sector = (np.arange(5, -1, -2, dtype=np.float32) + hue[..., None]) % 6  # of red, green and blue
    share = np.minimum(sector, 4 - sector).clip(0, 1)
    return (255 * (1 - saturation[..., None] * share)).round().astype(np.uint8)


def colour_wheel(side: int) -> np.ndarray:
    """The key to :func:`flow_colours`: each direction from the centre in its colour; white outside of the circle.

    Args:
        side: Height and width in pixels.

    Returns:
        uint8 RGB ``[side, side, 3]``.
    """
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    wheel = flow_colours(np.stack([x, y], axis=-1), 1)
    wheel[np.hypot(x, y) > 1] = 255
    return wheel

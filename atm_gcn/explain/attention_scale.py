"""One colour scale for the attention maps of a clip, which leaves the background of each map uncoloured."""

import numpy as np

NOISE = 3 * 1.4826  # median absolute deviations: three standard deviations of normal noise


def above_background(maps: np.ndarray) -> np.ndarray:
    """How far attention exceeds what the map has where nothing moves; 0 elsewhere.

    Still skin has an attention of about a half, which differs from frame to frame. A map's background reaches up to its
    median plus three standard deviations of its noise, which are estimated from the median absolute deviation.

    Args:
        maps: Attention in [0, 1], ``[n, H, W]``.

    Returns:
        ``[n, H, W]`` in [0, 1].
    """
    return np.clip(maps - (_medians(maps) + NOISE * _deviations(maps)), 0, None)


def attention_scale(maps: np.ndarray) -> float:
    """The value of :func:`above_background` with the brightest colour: nearly the largest of these maps.

    It is not less than the noise of the maps, so that noise alone stays dark.
    """
    return max(float(np.quantile(above_background(maps), 0.998)), float(NOISE * _deviations(maps).mean()), 1e-6)


def _medians(maps: np.ndarray) -> np.ndarray:
    return np.median(maps, axis=(1, 2), keepdims=True)


def _deviations(maps: np.ndarray) -> np.ndarray:
    return np.median(np.abs(maps - _medians(maps)), axis=(1, 2), keepdims=True)

"""One colour scale for the attention maps of a clip, which leaves the background of each map uncoloured."""

import numpy as np

NOISE = 3 * 1.4826  # median absolute deviations: three standard deviations of normal noise


def above_background(maps: np.ndarray) -> np.ndarray:
    """How far attention exceeds what the map has where nothing moves; 0 elsewhere.

    Still skin has an attention of about a half, which differs from frame to frame. A map's background reaches up to its
    median plus three standard deviations of its noise, which are estimated from the median absolute deviation; but at
    most half way from the median to 1, so that a map still shows something where the whole head moved.

    Args:
        maps: Attention in [0, 1], ``[n, H, W]``.

    Returns:
        ``[n, H, W]`` in [0, 1].
    """
    return np.clip(maps - _medians(maps) - _margins(maps), 0, None)


def attention_scale(maps: np.ndarray) -> float:
    """The value of :func:`above_background` with the brightest colour: nearly the largest of these maps.

    It is not less than the noise of the maps, so that noise alone stays dark.
    """
    return max(float(np.quantile(above_background(maps), 0.998)), float(_margins(maps).mean()), 1e-6)


def _medians(maps: np.ndarray) -> np.ndarray:
    return np.median(maps, axis=(1, 2), keepdims=True)


def _margins(maps: np.ndarray) -> np.ndarray:
    """From the median of each map to the upper end of its background."""
    medians = _medians(maps)
    deviations = np.median(np.abs(maps - medians), axis=(1, 2), keepdims=True)
    return np.minimum(NOISE * deviations, (1 - medians) / 2)

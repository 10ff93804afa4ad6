"""Whether pictures are optical flow in colours or ordinary frames, by their colours alone."""

from collections.abc import Sequence

import numpy as np

from atm_gcn.media.optical_flow.view import MIDDLE
from atm_gcn.media.resizing import resize_square

_SIDE = 32  # pixels at which pictures are compared, so that noise counts little
_COMPARED = 16  # pictures at most
_PLAIN = 2.0  # grey levels by which a picture without movement may vary
_DARK_BLUE, _BELOW = 50.0, 25.0  # mean strain at most, and how far it lies below the means of red and green
_ALIKE = 0.85  # correlation of red and green from which they show the light of one scene
_NEUTRAL = 4.0  # grey levels of the medians of red and green from no movement


def looks_like_flow(pictures: Sequence[np.ndarray] | np.ndarray) -> bool:
    """Whether the pictures of a clip look like those of :func:`~atm_gcn.media.optical_flow.flow_from_picture`.

    They do if the first is plain grey, as one without movement is; or if in the others blue, the strain, is dark, and
    red and green either vary independently or are neutral almost everywhere. In frames red, green and blue vary
    together, or blue is not that dark. Of 235 published clips of pictures of flow all look so, also if their first is
    not compared; of 4 real recordings, 64 clips of drawn faces, 225 photographs and 57 faces cropped from them, none.

    Args:
        pictures: uint8 RGB ``[H, W, 3]`` each, the onset's first, at least two.
    """
    places = np.linspace(1, len(pictures) - 1, min(_COMPARED, len(pictures) - 1)).round().astype(int)
    onset, *others = (_pixels(pictures[place]) for place in (0, *places.tolist()))
    if np.ptp(onset, axis=0).max() <= _PLAIN and np.abs(onset.mean(axis=0) - MIDDLE)[:2].max() <= _PLAIN:
        return True
    red, green, blue = np.mean([pixels.mean(axis=0) for pixels in others], axis=0)
    if blue > _DARK_BLUE or min(red, green) - blue < _BELOW:
        return False
    medians = np.median([np.median(pixels, axis=0) for pixels in others], axis=0)
    neutral = np.abs(medians - MIDDLE)[:2].max() <= _NEUTRAL
    return bool(neutral or np.mean([_likeness(*pixels.T[:2]) for pixels in others]) < _ALIKE)


def _pixels(picture: np.ndarray) -> np.ndarray:
    """float64 ``[pixels, 3]`` of a picture, shrunk if it is large."""
    small = resize_square(picture, _SIDE) if min(picture.shape[:2]) > _SIDE else picture
    return small.reshape(-1, 3).astype(np.float64)


def _likeness(one: np.ndarray, other: np.ndarray) -> float:
    """The correlation of two channels; 0 if one is constant."""
    spread = one.std() * other.std()
    return float(((one - one.mean()) * (other - other.mean())).mean() / spread) if spread > 0 else 0.0

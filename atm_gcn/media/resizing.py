"""Pictures of another size."""

import cv2
import numpy as np


def resize_square(image: np.ndarray, size: int, out: np.ndarray | None = None) -> np.ndarray:
    """A picture ``[H, W, 3]`` brought to ``[size, size, 3]``, into ``out`` if it is given."""
    shrinks = min(image.shape[:2]) >= size
    return cv2.resize(image, (size, size), dst=out, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def scaled_by(image: np.ndarray, scale: float) -> np.ndarray:
    """An image brought to ``scale``, at most 1, of its sides, each of which keeps at least one pixel."""
    if scale >= 1:
        return image
    if min(round(scale * side) for side in image.shape[:2]) >= 1:
        return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return _resized(image, scale)


def shrink(image: np.ndarray, side: int) -> np.ndarray:
    """Scale an image down to ``side`` pixels on its longer side; a smaller one stays as it is."""
    return image if max(image.shape[:2]) <= side else scale_to(image, side)


def scale_to(image: np.ndarray, side: int) -> np.ndarray:
    """Scale an image to ``side`` pixels on its longer side."""
    return _resized(image, side / max(image.shape[:2]))


def _resized(image: np.ndarray, scale: float) -> np.ndarray:
    height, width = (max(1, round(scale * side)) for side in image.shape[:2])
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)

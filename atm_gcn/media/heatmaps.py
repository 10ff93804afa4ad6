"""Attention maps drawn over faces, and pictures as JPEG."""

from functools import cache

import cv2
import numpy as np

from atm_gcn.errors import ATMGCNError

OPACITY = 0.7  # of the colour where attention is strongest


@cache
def heat_colours() -> np.ndarray:
    """256 colours from dark to bright, perceptually uniform for every kind of colour vision: uint8 RGB ``[256, 3]``."""
    return cv2.applyColorMap(np.arange(256, dtype=np.uint8)[:, None], cv2.COLORMAP_INFERNO)[:, 0, ::-1]


def overlay_heat(frame: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Draw a map over a grey copy of a frame; larger values are brighter and less transparent.

    Args:
        frame: uint8 RGB ``[H, W, 3]``.
        heat: Map of any size with values in [0, 1]; it is scaled up smoothly.

    Returns:
        uint8 RGB ``[H, W, 3]``.
    """
    height, width = frame.shape[:2]
    heat = cv2.resize(heat.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    grey = np.repeat(cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY)[..., None], 3, axis=-1)
    colour = heat_colours()[(255 * heat).round().astype(np.uint8)]
    share = OPACITY * heat[..., None]
    return (grey * (1 - share) + colour * share).round().astype(np.uint8)


def jpeg_bytes(image: np.ndarray, quality: int = 80) -> bytes:
    """Encode uint8 RGB ``[H, W, 3]``.

    Raises:
        ATMGCNError: If OpenCV cannot.
    """
    done, encoded = cv2.imencode(".jpg", np.ascontiguousarray(image[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ATMGCNError(f"a picture of {image.shape[1]} x {image.shape[0]} pixels cannot be written as JPEG")
    return encoded.tobytes()

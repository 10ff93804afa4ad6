"""A textured picture and the same one moved by a known field."""

import cv2
import numpy as np

MARGIN = 8


def textured(side: int, seed: int = 0) -> np.ndarray:
    """A smooth random texture with a margin around it, float32 ``[side + 2 MARGIN, side + 2 MARGIN]`` in 0..255."""
    noise = np.random.default_rng(seed).uniform(size=(side + 2 * MARGIN,) * 2).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 2.5)
    return 255 * (smooth - smooth.min()) / np.ptp(smooth)


def moved_pair(side: int, matrix: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two pictures, uint8 RGB ``[side, side, 3]``.

    What the first shows at ``p``, in pixels from its centre, the second shows at ``matrix @ (*p, 1)``.
    """
    texture = textured(side, seed)
    centre = np.full(2, (len(texture) - 1) / 2)
    linear, shift = matrix[:, :2], matrix[:, 2]
    whole = np.column_stack([linear, centre + shift - linear @ centre])
    after = cv2.warpAffine(texture, whole, texture.shape, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return _picture(texture), _picture(after)


def _picture(grey: np.ndarray) -> np.ndarray:
    inner = grey[MARGIN:-MARGIN, MARGIN:-MARGIN].round().clip(0, 255).astype(np.uint8)
    return np.repeat(inner[..., None], 3, axis=-1)

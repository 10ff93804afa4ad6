"""Choosing the apex of a clip without an annotated one."""

from collections.abc import Iterable
from typing import Literal

import cv2
import numpy as np

from atm_gcn.media.registration.linear_fit import affine_columns, explained, fit

SIDE = 96  # pixels of the thumbnails that are compared
BLUR = 1.5  # their blur's standard deviation: above the sensor's noise, below the width of a brow
MARGIN = 3  # pixels left out at the border, where drift brings in what the onset does not show
STILL = 0.05  # grey levels of a thumbnail: what is left of a still picture after H.264
WEAK = 0.5  # grey levels that noise with a standard deviation of 16 of 255 leaves
NOISE_RATIO = 1.2  # of motion to noise; still pictures have at most 1.05, drawn and filmed faces at least 1.5

ApexMethod = Literal["max-motion", "middle"]


def choose_apex(frames: Iterable[np.ndarray], method: ApexMethod) -> int:
    """The 0-based position of the apex, never 0: the onset cannot be the frame of the strongest movement.

    Args:
        frames: Frames of the clip, the onset first, at least two; uint8 RGB ``[H, W, 3]`` each.
        method: ``"max-motion"`` takes the frame that differs most from the onset, by :func:`motion_from_onset`;
            ``"middle"`` the one half way between onset and offset.
    """
    if method == "middle":
        return max(1, sum(1 for _ in frames) // 2)
    return 1 + int(np.argmax(motion_from_onset(frames)[1:]))


def motion_from_onset(frames: Iterable[np.ndarray]) -> np.ndarray:
    r"""How far the face has moved since the first frame, without drift of the head and changes of the light.

    From the difference of two small blurred grey pictures, :math:`d = g_i - g_1`, drift of the head and flicker of the
    light are removed by least squares over the pixels, by one linear fit as in
    :mod:`~atm_gcn.media.registration.linear_fit`:

    .. math::
        d \approx \nabla g_1 \cdot (A\mathbf{x} + \mathbf{b}) + c\, g_1 + e

    with an affine displacement :math:`A\mathbf{x} + \mathbf{b}` (to first order, which suffices for drifts of a pixel
    or two), a gain c and an offset e. The mean absolute residual, smoothed over three frames, is the motion. The plain
    difference would grow with the drift and be largest at the last frame.

    Returns:
        float64 ``[n]``.
    """
    grey = np.stack([thumbnail(frame) for frame in frames])  # [n, SIDE, SIDE]
    motion = np.pad(_unexplained(grey[0], grey - grey[0]), 1, mode="edge")
    return (motion[:-2] + 2 * motion[1:-1] + motion[2:]) / 4


def is_still(frames: Iterable[np.ndarray]) -> bool:
    """Whether nothing moves in a clip beyond the noise of the camera.

    The motion since the onset is then below a twentieth of a grey level, or weak and no larger than what noise changes
    from one frame to the next.
    """
    grey = np.stack([thumbnail(frame) for frame in frames])
    motion = _unexplained(grey[0], grey[1:] - grey[0])
    strongest = float(np.quantile(motion, 0.9))
    if strongest < STILL:
        return True
    noise = float(np.median(_unexplained(grey[0], np.diff(grey, axis=0))))
    return strongest < WEAK and strongest < NOISE_RATIO * noise


def _unexplained(onset: np.ndarray, differences: np.ndarray) -> np.ndarray:
    """Mean absolute residual of each difference ``[n, SIDE, SIDE]`` without drift and light, float64 ``[n]``."""
    inner = slice(MARGIN, -MARGIN)
    columns = affine_columns(onset)[:, inner, inner].reshape(8, -1).T  # [pixels, 8]
    flat = differences[:, inner, inner].reshape(len(differences), -1).T  # [pixels, n]
    return np.abs(flat - explained(columns, fit(columns, flat))).mean(axis=0, dtype=np.float64)


def thumbnail(frame: np.ndarray) -> np.ndarray:
    """A small blurred grey copy of an RGB picture, float32 ``[SIDE, SIDE]``."""
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return cv2.GaussianBlur(cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA), (0, 0), BLUR)

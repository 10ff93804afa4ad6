"""Choosing the apex of a clip in which nobody annotated it."""

from collections.abc import Iterable
from typing import Literal

import cv2
import numpy as np

THUMBNAIL = 64  # pixels a side: coarse enough to blur out sensor noise, fine enough to see a brow move
BLUR = 1.0  # standard deviation in pixels of the thumbnail

ApexMethod = Literal["max-motion", "middle"]


def choose_apex(frames: Iterable[np.ndarray], method: ApexMethod) -> int:
    """The 0-based position of the apex, never 0: the onset cannot be the frame of the strongest movement.

    Args:
        frames: Frames of the clip, the onset first, at least two; uint8 ``[H, W, 3]`` each.
        method: ``"max-motion"`` takes the frame that differs most from the onset, by :func:`motion_from_onset`;
            ``"middle"`` the one half way between onset and offset.
    """
    if method == "middle":
        return max(1, sum(1 for _ in frames) // 2)
    return 1 + int(np.argmax(motion_from_onset(frames)[1:]))


def motion_from_onset(frames: Iterable[np.ndarray]) -> np.ndarray:
    """How far each frame has moved from the first: mean absolute difference of blurred grey thumbnails.

    Every thumbnail is brought to mean 0 and standard deviation 1 first, so that a change of brightness or contrast of
    the whole picture is no movement.

    Returns:
        float64 ``[n]``, the first 0.
    """
    thumbnails = np.stack([_thumbnail(frame) for frame in frames])  # [n, THUMBNAIL, THUMBNAIL]
    return np.abs(thumbnails - thumbnails[0]).mean(axis=(1, 2), dtype=np.float64)


def _thumbnail(frame: np.ndarray) -> np.ndarray:
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey.astype(np.float32), (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), BLUR)
    return (small - small.mean()) / max(float(small.std()), 1.0)

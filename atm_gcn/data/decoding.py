"""From a recording to the frames of one clip: which are kept, where the face is, which one is the apex."""

import cv2
import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.apex import choose_apex
from atm_gcn.data.face import Box
from atm_gcn.data.frames import FrameSource
from atm_gcn.data.sampling import cap, resample

ANNOTATED = "annotated"


def kept_numbers(numbers: np.ndarray, apex: int | None, fps: float | None, config: DataConfig) -> np.ndarray:
    """The frame numbers of a clip that are stored: resampled to ``config.fps``, then capped at ``config.max_frames``.

    Args:
        numbers: All frame numbers from onset to offset, ascending, int64 ``[n]``.
        apex: One of ``numbers``, or None where it is unknown.
        fps: Frames per second at which they count; None keeps the rate.
        config: The settings.
    """
    keep = [] if apex is None else [apex]
    if fps is not None:
        numbers = resample(numbers, fps, config.fps, keep)
    return cap(numbers, config.max_frames, keep)


def decode_clip(source: FrameSource, numbers: np.ndarray, size: int, box: Box | None = None) -> np.ndarray:
    """Decode frames, cut ``box`` out of each and scale it.

    Only the scaled frames are held in memory.

    Returns:
        uint8 RGB ``[n, size, size, 3]``.

    Raises:
        ATMGCNError: If a frame is missing or corrupt, or the size changes within the clip.
    """
    frames = np.empty((len(numbers), size, size, 3), dtype=np.uint8)
    for out, frame in zip(frames, source.iterate(numbers), strict=True):
        scaled(frame if box is None else box.crop(frame), size, out)
    return frames


def scaled(image: np.ndarray, size: int, out: np.ndarray | None = None) -> np.ndarray:
    """A picture ``[H, W, 3]`` brought to ``[size, size, 3]``, into ``out`` if it is given."""
    shrinks = min(image.shape[:2]) >= size
    return cv2.resize(image, (size, size), dst=out, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def apex_of(frames: np.ndarray, numbers: np.ndarray, apex: int | None, method: str) -> tuple[int, str]:
    """The apex's 0-based position among the stored frames, and how it was chosen.

    An annotated apex that is the onset itself shows no movement and cannot be the global node, so it counts as unknown.

    Returns:
        The position, in ``[1, n)``, and ``"annotated"``, ``"max-motion"`` or ``"middle"``.
    """
    if apex is not None and apex > numbers[0]:
        return int(np.searchsorted(numbers, apex)), ANNOTATED
    return choose_apex(frames, method), method

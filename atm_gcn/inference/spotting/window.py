"""What the spotter keeps of frames, and the windows that it cuts out of them."""

from dataclasses import dataclass

import numpy as np

from atm_gcn.data.clip_pictures import ClipFace, ClipPictures
from atm_gcn.inference.prediction import CurvePeak
from atm_gcn.inference.spotting.segment import Segment


@dataclass(frozen=True)
class Window:
    """Consecutive frames of one face.

    Args:
        pictures: As the models read them; the first frame is the onset.
        apex: Position of the strongest movement among them; None if unknown.
        numbers: Frame number of each.
        seconds: Time of each.
        peak: Peak of the motion at the apex; None for a regular window.
        face: The face; None for whole frames.
    """

    pictures: ClipPictures
    apex: int | None
    numbers: tuple[int, ...]
    seconds: tuple[float, ...]
    peak: CurvePeak | None = None
    face: ClipFace | None = None


@dataclass(frozen=True)
class BufferedFrame:
    """A frame in memory; pictures are empty without a segment."""

    number: int
    seconds: float
    segment: Segment | None
    thumbnail: np.ndarray
    kept: np.ndarray


def together(frames: list[BufferedFrame]) -> bool:
    """Whether frames show one face in one place."""
    return frames[0].segment is not None and all(frame.segment is frames[0].segment for frame in frames)

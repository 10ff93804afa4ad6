"""A face in a frame: its square, its landmarks, and the square that is cropped."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

LANDMARKS = ("left eye", "right eye", "nose", "left corner of the mouth", "right corner of the mouth")
"""The order of the five points; left as seen in the picture."""

SAME_FACE = 0.25  # sides between the centres of two detections that may be one face


class Box(NamedTuple):
    """A square in a frame, in pixels: left, top, and the length of its side."""

    x: int
    y: int
    side: int

    def crop(self, frame: np.ndarray) -> np.ndarray:
        """The part of ``frame`` ``[H, W, 3]`` in the box, as a view ``[side, side, 3]``."""
        return frame[self.y : self.y + self.side, self.x : self.x + self.side]


@dataclass(frozen=True, eq=False)
class Face:
    """A detected face, in pixels of the frame; the corner of the frame is (0, 0), the centre of its first pixel (½, ½).

    Args:
        rectangle: Left, top, width and height, as the detector gives them.
        confidence: 0 to 1; None if the detector has none.
        points: float64 ``[5, 2]``, x and y of the :data:`LANDMARKS`; None if the detector finds none.
    """

    rectangle: tuple[float, float, float, float]
    confidence: float | None = None
    points: np.ndarray | None = None

    @property
    def side(self) -> float:
        """The longer side of the rectangle."""
        return max(self.rectangle[2:])

    @property
    def centre(self) -> tuple[float, float]:
        """The centre of the rectangle, x and y."""
        x, y, width, height = self.rectangle
        return x + width / 2, y + height / 2

    @property
    def box(self) -> Box:
        """The square around the rectangle about the same centre; parts of it may lie outside the frame."""
        (x, y), side = self.centre, self.side
        return Box(round(x - side / 2), round(y - side / 2), round(side))

    def scaled(self, scale: float) -> "Face":
        """The same face in a frame that is ``scale`` times as large."""
        x, y, width, height = (scale * value for value in self.rectangle)
        return Face((x, y, width, height), self.confidence, None if self.points is None else scale * self.points)

    def moved(self, x: float, y: float) -> "Face":
        """The same face in a frame that reaches ``x`` pixels further to the left and ``y`` further up."""
        left, top, width, height = self.rectangle
        points = None if self.points is None else self.points + np.array([x, y])
        return Face((left + x, top + y, width, height), self.confidence, points)


def crop_box(face: Face, shape: tuple[int, ...], margin: float) -> Box:
    """The square that is cropped for a face.

    Args:
        face: The face.
        shape: Height and width of the frame; more values are ignored.
        margin: What is added on every side, as a share of the face's side.

    Returns:
        A square of ``1 + 2 * margin`` times the face's side about its centre, shrunk and moved to lie in the frame.
    """
    height, width = shape[:2]
    x, y, wide, high = face.rectangle
    side = max(wide, high)
    x, y = x + (wide - side) / 2, y + (high - side) / 2
    cropped = min(round(side * (1 + 2 * margin)), height, width)
    left, top = round(x + (side - cropped) / 2), round(y + (side - cropped) / 2)
    return Box(min(max(left, 0), width - cropped), min(max(top, 0), height - cropped), cropped)


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two squares."""
    width = min(one.x + one.side, other.x + other.side) - max(one.x, other.x)
    height = min(one.y + one.side, other.y + other.side) - max(one.y, other.y)
    both = max(width, 0) * max(height, 0)
    return both / (one.side**2 + other.side**2 - both)


def covered(one: Face, other: Face) -> float:
    """The share of the smaller of two rectangles that both take up; 0 for detections of one face, or a part of it."""
    small, large = sorted((one.side, other.side))
    if small < large / 2 or np.hypot(*np.subtract(one.centre, other.centre)) < SAME_FACE * large:
        return 0.0
    (x, y, wide, high), (left, top, width, height) = one.rectangle, other.rectangle
    across = min(x + wide, left + width) - max(x, left)
    down = min(y + high, top + height) - max(y, top)
    return max(across, 0) * max(down, 0) / min(wide * high, width * height)

"""Landmarks of a face, which the action units move."""

from dataclasses import dataclass

import numpy as np

Point = tuple[float, float]

# Frontal face, in distances between the pupils, from the middle between them; x away from the midline, y down.
PROPORTIONS: dict[str, Point] = {
    "eye": (0.50, 0.00),
    "eye_in": (0.26, 0.02),
    "eye_out": (0.74, 0.00),
    "lid_top": (0.50, -0.09),
    "lid_bottom": (0.50, 0.09),
    "brow_in": (0.20, -0.34),
    "brow_mid": (0.50, -0.42),
    "brow_out": (0.80, -0.34),
    "nose_side": (0.12, 0.22),
    "nose_wing": (0.26, 0.62),
    "cheek": (0.62, 0.50),
    "lip_up": (0.18, 0.96),
    "lip_low": (0.18, 1.17),
    "mouth_corner": (0.40, 1.06),
    "nose_tip": (0.0, 0.58),
    "lip_top": (0.0, 0.95),
    "lip_bottom": (0.0, 1.20),
    "chin": (0.0, 1.60),
}
MIDLINE = frozenset(name for name, (x, _) in PROPORTIONS.items() if x == 0.0)
SIDES = {"left": -1.0, "right": 1.0}  # of the picture


@dataclass(frozen=True)
class Landmarks:
    """The points of one face in one picture.

    Args:
        origin: Middle between the pupils, (x, y) as fractions of the picture's width and height.
        axis: Vector from there to the right pupil of the picture, times two: its length is the distance between
            the pupils, its direction the tilt of the head.
        points: Points in the face's own frame: in distances between the pupils, x away from the midline, y down.
    """

    origin: Point
    axis: Point
    points: dict[str, Point]

    @property
    def unit(self) -> float:
        """Distance between the pupils as a fraction of the picture's width."""
        return float(np.hypot(*self.axis))

    def vector(self, x: float, y: float, side: str = "right") -> Point:
        """A vector of the face's frame on one side, in fractions of the picture."""
        x *= SIDES[side]
        return x * self.axis[0] - y * self.axis[1], x * self.axis[1] + y * self.axis[0]

    def at(self, name: str, side: str = "right") -> Point:
        """Where a point is in the picture, (x, y) as fractions of its width and height."""
        dx, dy = self.vector(*self.points[name], side)
        return self.origin[0] + dx, self.origin[1] + dy

    def local(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates of the picture (fractions) in the face's frame, x to the right of the picture."""
        dx, dy = x - self.origin[0], y - self.origin[1]
        scale = self.unit**2
        return (dx * self.axis[0] + dy * self.axis[1]) / scale, (dy * self.axis[0] - dx * self.axis[1]) / scale


def from_eyes(left: Point, right: Point) -> Landmarks:
    """Landmarks of a frontal face by its pupils, everything else by the usual proportions.

    Args:
        left: Pupil on the left of the picture, (x, y) as fractions of its width and height.
        right: Pupil on the right.
    """
    origin = ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2)
    return Landmarks(origin, (right[0] - left[0], right[1] - left[1]), PROPORTIONS)


def lids(points: dict[str, Point], x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The edges of the open lids in the face's frame.

    Args:
        points: Landmarks in the face's frame.
        x: Distance from the midline.

    Returns:
        Place across the eye from 0 at its inner to 1 at its outer corner, and y of the upper and the lower edge.
    """
    (inner, inner_y), (outer, outer_y) = points["eye_in"], points["eye_out"]
    across = np.clip((x - inner) / (outer - inner), 0.0, 1.0)
    line = inner_y + (outer_y - inner_y) * across
    upper = line + (points["lid_top"][1] - line) * _arch(across**0.9) ** 0.75
    lower = line + (points["lid_bottom"][1] - line) * _arch(across**1.15) ** 0.9
    return across, upper, lower


def _arch(t: np.ndarray) -> np.ndarray:
    """0 at both ends, 1 in the middle; never below 0, so that it can be raised to a power."""
    return np.maximum(np.sin(np.pi * t), 0.0)

"""The muscle movement: a smooth displacement of the skin, as a sum of bumps."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from atm_gcn.synth.action_units import ACTION_UNITS, ONE_SIDED
from atm_gcn.synth.face.landmarks import MIDLINE, SIDES, Landmarks

GRID = 64  # cells per side on which displacements are evaluated while a clip is rendered


@dataclass(frozen=True)
class Bump:
    """A Gaussian patch of skin that moves; everything as a fraction of the picture's side.

    Args:
        x: Centre from the left; ``y`` from the top.
        radius_x: Standard deviation across; ``radius_y`` along.
        dx: Movement of the centre to the right; ``dy`` down.
    """

    x: float
    y: float
    radius_x: float
    radius_y: float
    dx: float
    dy: float

    def scaled(self, factor: float) -> "Bump":
        """The same patch moving ``factor`` times as far."""
        return replace(self, dx=self.dx * factor, dy=self.dy * factor)


Muscle = tuple[Bump, ...]  # bumps that move together: one action unit on one side


def movement_field(bumps: Iterable[Bump], size: int) -> np.ndarray:
    """Displacement of every pixel: where the skin at a pixel of the neutral face moves to.

    Args:
        bumps: The moving patches, for instance those of a clip in ``truth.json`` (:func:`load_truth`).
        size: Side of the picture in pixels.

    Returns:
        float32 ``[size, size, 2]``: pixels to the right and down.
    """
    steps = (np.arange(size) + 0.5) / size
    field = np.zeros((size, size, 2), np.float32)
    for bump in bumps:
        across = np.exp(-0.5 * ((steps - bump.x) / bump.radius_x) ** 2)
        along = np.exp(-0.5 * ((steps - bump.y) / bump.radius_y) ** 2)
        field += np.multiply.outer(np.outer(along, across), (size * bump.dx, size * bump.dy)).astype(np.float32)
    return field


def moved_region(bumps: Iterable[Bump], size: int, threshold: float = 0.3) -> np.ndarray:
    """Pixels that move by more than a share of the largest movement: bool ``[size, size]``."""
    distance = np.linalg.norm(movement_field(bumps, size), axis=-1)
    return distance > threshold * distance.max()


def muscle(landmarks: Landmarks, action_unit: str, side: str, strength: float = 1.0) -> Muscle:
    """One action unit on one side of the picture.

    Args:
        landmarks: The face.
        action_unit: Its number, one of :data:`ACTION_UNITS`.
        side: ``"left"`` or ``"right"``. A unit on the midline is split evenly between the sides.
        strength: Movement as a fraction of the picture's side.
    """
    bumps = []
    for pull in ACTION_UNITS[action_unit]:
        share = strength * (0.5 if pull.point in MIDLINE else 1.0) / landmarks.unit
        dx, dy = landmarks.vector(pull.x * share, pull.y * share, side)
        radius_x, radius_y = (landmarks.unit * radius for radius in pull.radius)
        bumps.append(Bump(*landmarks.at(pull.point, side), radius_x, radius_y, dx, dy))
    return tuple(bumps)


def expression(
    landmarks: Landmarks, emotion: str, action_units: Iterable[str], amplitude: float, rng: np.random.Generator
) -> list[Muscle]:
    """The muscles of an emotion, each with a strength of its own, together moving the skin by ``amplitude``.

    Args:
        landmarks: The face.
        emotion: Its name; some show on one side only.
        action_units: Numbers of the units.
        amplitude: Largest displacement anywhere when all muscles are fully drawn, as a fraction of the picture's side.
        rng: Draws strengths and sides.
    """
    only = list(SIDES)[rng.integers(2)]
    sides = [side for side in SIDES if emotion not in ONE_SIDED or side == only]
    muscles = [muscle(landmarks, unit, side, rng.uniform(0.7, 1.0)) for unit in action_units for side in sides]
    return [tuple(bump.scaled(amplitude / _peak(muscles)) for bump in bumps) for bumps in muscles]


def _peak(muscles: Iterable[Muscle]) -> float:
    field = movement_field((bump for bumps in muscles for bump in bumps), GRID)
    return float(np.linalg.norm(field, axis=-1).max()) / GRID

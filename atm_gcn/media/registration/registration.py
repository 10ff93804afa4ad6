"""How the head has moved between the onset and another frame, to a fraction of a pixel."""

from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np

from atm_gcn.media.picture_transform import compose
from atm_gcn.media.registration.linear_fit import explained, fit, gradient
from atm_gcn.media.registration.rigid_region import rigid_region

RegistrationKind = Literal["translation", "similarity", "affine"]

SIDE = 128  # pixels of the grey pictures that are compared
COARSE = 4  # the first estimate is made at this fraction of the side
BLUR = 1.5  # standard deviation in pixels of either: above the sensor's noise
BORDER = 4  # pixels left out at the border of either, where a moved head brings in what the onset does not show
STEPS = (12, 12)  # iterations at most, coarse and fine
SMALL_STEP = 0.004  # pixels: smaller steps end the iterations
CUTOFF = 4.685  # of Tukey's weights, in standard deviations: 95 % efficient for normal errors
LEAST_SCALE = 0.5  # grey levels: residuals below are never outliers
IDENTITY = np.eye(2, 3)


@dataclass(frozen=True, eq=False)
class Estimate:
    """How the head lies in one frame, against the onset.

    Args:
        matrix: float64 ``[2, 3]``: the place (x, y) of the onset's picture is found at ``matrix @ (x, y, 1)`` in this
            frame's, both in the unit square.
        before: Mean absolute difference from the onset in what counts, in grey levels, once gain and offset of the
            light are fitted.
        after: The same with the frame registered.
        converged: Whether the iterations came to rest, at a smaller difference than at their start.
        displacement: Largest displacement of what counts, as a share of the picture's side.
    """

    matrix: np.ndarray
    before: float
    after: float
    converged: bool
    displacement: float


@dataclass(frozen=True, eq=False)
class _Level:
    """The onset at one resolution: its pixels that count, and what displacements and the light change there."""

    side: int
    pixels: np.ndarray  # flat indices, [n]
    weights: np.ndarray  # [n]
    grey: np.ndarray  # [n]
    columns: np.ndarray  # [n, k + 2]


class Registration:
    """The onset of a clip, to which other frames are registered."""

    def __init__(
        self, onset: np.ndarray, kind: RegistrationKind, points: np.ndarray | None = None, aspect: float = 1.0
    ) -> None:
        """Prepare the onset.

        Args:
            onset: uint8 RGB ``[h, w, 3]``, best of ``SIDE`` pixels; the other frames' pictures must show the same part
                of the recording, with :meth:`PictureTransform.picture` and no motion.
            kind: ``"translation"``, ``"similarity"`` (with rotation and scale) or ``"affine"``.
            points: ``[5, 2]``: the face's points in the unit square of the picture; None takes all of the picture
                as one rigid body, as is right if it shows nothing but a face.
            aspect: Pixels of the recording along the picture's width over those along its height.
        """
        if kind not in get_args(RegistrationKind):
            raise ValueError(f"kind is {kind!r}, not one of {get_args(RegistrationKind)}")
        grey = grey_picture(onset)
        self.kind, self.aspect = kind, aspect
        self._levels = [self._level(picture, points) for picture in _pyramid(grey)]

    def estimate(self, picture: np.ndarray) -> Estimate:
        """Where the head lies in another frame's picture, uint8 RGB ``[h, w, 3]``."""
        pyramid, motion, at_rest = _pyramid(grey_picture(picture)), IDENTITY, False
        for level, grey, steps in zip(self._levels, pyramid, STEPS, strict=True):
            motion, at_rest = self._iterate(level, grey, motion, steps)
        level, grey = self._levels[-1], pyramid[-1]
        before, after = _residual(level, grey, IDENTITY), _residual(level, grey, motion)
        if after > before:
            return Estimate(IDENTITY, before, before, at_rest and _largest(level, motion) < 0.5 / SIDE, 0.0)
        return Estimate(motion, before, after, at_rest, _largest(level, motion))

    def _level(self, grey: np.ndarray, points: np.ndarray | None) -> _Level:
        side = len(grey)
        region = np.ones((side, side), np.float32) if points is None else rigid_region(points, side)
        inner = np.zeros_like(region)
        inner[BORDER:-BORDER, BORDER:-BORDER] = region[BORDER:-BORDER, BORDER:-BORDER]
        pixels = np.flatnonzero(inner > 0.02)
        steps = ((np.arange(side) + 0.5) / side - 0.5).astype(np.float32)
        x, y = np.meshgrid(steps, steps)
        dx, dy = (side * slope for slope in gradient(grey))  # grey levels per side of the picture
        moves = [dx, dy]
        if self.kind == "similarity":
            moves += [x * dx + y * dy, self.aspect * x * dy - y / self.aspect * dx]
        elif self.kind == "affine":
            moves += [x * dx, y * dx, x * dy, y * dy]
        columns = np.stack([*moves, grey, np.ones_like(grey)], axis=-1).reshape(side * side, -1)
        return _Level(side, pixels, inner.ravel()[pixels], grey.ravel()[pixels], columns[pixels].astype(np.float64))

    def _iterate(self, level: _Level, grey: np.ndarray, motion: np.ndarray, steps: int) -> tuple[np.ndarray, bool]:
        coefficients = np.zeros(level.columns.shape[1])
        for _ in range(steps):
            difference = _sample(level, grey, motion) - level.grey
            rest = difference - explained(level.columns, coefficients[:, None])[:, 0]
            coefficients = fit(level.columns, difference[:, None], level.weights * _tukey(rest))[:, 0]
            step = self._matrix(coefficients / (1 + coefficients[-2]))
            motion = compose(motion, _inverse(step))
            coefficients[:-2] = 0
            if _largest(level, step) * level.side < SMALL_STEP:
                return motion, True
        return motion, False

    def _matrix(self, coefficients: np.ndarray) -> np.ndarray:
        """The map of the unit square by the coefficients of a fit."""
        right, down, *rest = (float(value) for value in coefficients[:-2])
        linear = np.eye(2)
        if self.kind == "similarity":
            zoom, turn = rest
            linear = linear + np.array([[zoom, -turn / self.aspect], [turn * self.aspect, zoom]])
        elif self.kind == "affine":
            linear = linear + np.reshape(rest, (2, 2))
        return np.column_stack([linear, (0.5 + right, 0.5 + down) - linear @ (0.5, 0.5)])


def grey_picture(picture: np.ndarray) -> np.ndarray:
    """A grey copy of an RGB picture, float32 ``[SIDE, SIDE]``."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return grey if grey.shape == (SIDE, SIDE) else cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def _pyramid(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    small = cv2.resize(grey, (SIDE // COARSE, SIDE // COARSE), interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(small, (0, 0), BLUR), cv2.GaussianBlur(grey, (0, 0), BLUR)


def _sample(level: _Level, grey: np.ndarray, motion: np.ndarray) -> np.ndarray:
    """The frame's pixels that count, at the places to which they have moved."""
    side = level.side
    centre = motion @ (0.5 / side, 0.5 / side, 1) * side - 0.5
    places = np.column_stack([motion[:, :2], centre])
    warped = cv2.warpAffine(
        grey, places, (side, side), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return warped.ravel()[level.pixels]


def _tukey(rest: np.ndarray) -> np.ndarray:
    """Tukey's biweight of residuals, by their median absolute value."""
    scale = max(LEAST_SCALE, 1.4826 * float(np.median(np.abs(rest))))
    return np.square(np.maximum(1 - np.square(rest / (CUTOFF * scale)), 0))


def _residual(level: _Level, grey: np.ndarray, motion: np.ndarray) -> float:
    difference = (_sample(level, grey, motion) - level.grey)[:, None]
    light = level.columns[:, -2:]
    rest = difference - explained(light, fit(light, difference, level.weights))
    return float(np.average(np.abs(rest[:, 0]), weights=level.weights))


def _largest(level: _Level, motion: np.ndarray) -> float:
    """Largest displacement of the pixels that count, as a share of the side."""
    places = np.stack([level.pixels % level.side, level.pixels // level.side, np.full(len(level.pixels), -0.5)])
    x, y, _ = (places + 0.5) / level.side
    moved = motion @ np.stack([x, y, np.ones_like(x)]) - np.stack([x, y])
    return float(np.hypot(*moved).max(initial=0.0))


def _inverse(motion: np.ndarray) -> np.ndarray:
    linear = np.linalg.inv(motion[:, :2])
    return np.column_stack([linear, -linear @ motion[:, 2]])

"""How the head has moved between the onset and another frame, to a fraction of a pixel.

Two small blurred copies of the onset are matched to those of the frame by the inverse compositional algorithm of
Lucas-Kanade (Baker and Matthews, IJCV 56, 2004): the linear fit of
:mod:`~atm_gcn.media.registration.linear_fit`, repeated with the frame sampled where the last fit puts it. Gain and
offset of the light are fitted with every step. Pixels that move otherwise than the head are outliers to Tukey's
weights, and those where expressions and blinks show are left out by
:func:`~atm_gcn.media.registration.rigid_region.rigid_region`.

OpenCV's ``findTransformECC`` with the same region has neither robust weights nor a similarity with scale. On drawn
faces it left four to twenty times the residual motion in about the same time (``benchmarks/method/registration.md``).
"""

from dataclasses import dataclass
from typing import get_args

import cv2
import numpy as np

from atm_gcn.media.picture_transform import compose
from atm_gcn.media.registration.linear_fit import (
    RegistrationKind,
    displacement_columns,
    displacement_matrix,
    explained,
    fit,
    gradient,
)
from atm_gcn.media.registration.rigid_region import rigid_region

SIDE = 128  # pixels of the pictures that are compared
LEVELS = (32, SIDE)  # sides of the copies on which the estimate is made, one after the other
STRIDES = (1, 2)  # of the pixels that are compared there: blurred, neighbours tell much the same
BORDERS = (2, 4)  # pixels left out at the border, where a moved head brings in what the onset does not show
SMALL_STEPS = (0.05, 0.01)  # pixels: a smaller step ends the iterations
STEPS = 12  # iterations at most on each
AT_REST = 10  # small steps: where the last of all iterations was larger, there is no map to be found
BLUR = 1.5  # standard deviation in their pixels: above the sensor's noise
SEARCH = 6  # pixels of the smallest copy by which the head may be displaced
CUTOFF = 4.685  # of Tukey's weights, in standard deviations: 95 % efficient for normal errors
LEAST_SCALE = 0.5  # grey levels: smaller residuals are never outliers
LEAST_WEIGHT = 0.02  # of a pixel that counts
ALIKE = 0.5  # share of the onset's variance that a registered frame shows at least
IDENTITY = np.eye(2, 3)


@dataclass(frozen=True, eq=False)
class Estimate:
    """How the head lies in one frame, against the onset.

    Args:
        matrix: float64 ``[2, 3]``: the place (x, y) of the onset's picture is found at ``matrix @ (x, y, 1)`` in this
            frame's, both in the unit square.
        before: Mean absolute difference from the onset where the head is rigid, in grey levels, with gain and offset
            of the light fitted.
        after: The same with the frame registered.
        converged: Whether the iterations came to rest at a picture that is like the onset's, and no less than before.
        displacement: Largest displacement where the head is rigid, as a share of the picture's side.
    """

    matrix: np.ndarray
    before: float
    after: float
    converged: bool
    displacement: float


def refusal(estimate: Estimate, limit: float) -> str:
    """Why an estimate must not be used, in a few words; empty if it can be.

    A clip of which one frame is refused should stay as it is altogether: registered frames beside others would jump.

    Args:
        estimate: That of one frame.
        limit: Largest displacement that is accepted, as a share of the picture's side.
    """
    if not estimate.converged:
        return "it is not like the onset"
    if estimate.displacement > limit:
        return f"the head moves by {100 * estimate.displacement:.1f} % of the picture's side, above {100 * limit:g} %"
    return ""


@dataclass(frozen=True, eq=False)
class _Level:
    """The onset at one resolution: its pixels that count, and what displacements and the light change there."""

    places: np.ndarray  # of the pixels, in the unit square, [2, n]
    corners: np.ndarray  # of the rectangle around them, [2, 4]
    weights: np.ndarray  # [n]
    grey: np.ndarray  # [n]
    columns: np.ndarray  # [n, k + 2]
    small_step: float  # share of the side


class Registration:
    """The onset of a clip, to which other frames are registered."""

    def __init__(
        self, onset: np.ndarray, kind: RegistrationKind, points: np.ndarray | None = None, aspect: float = 1.0
    ) -> None:
        """Prepare the onset.

        Args:
            onset: uint8 RGB ``[h, w, 3]``, best of ``SIDE`` pixels. The other frames' pictures must show the same part
                of the recording: :meth:`PictureTransform.picture` without motion.
            kind: ``"translation"``, ``"similarity"`` (with rotation and scale) or ``"affine"``.
            points: ``[5, 2]``: the face's points in the unit square of the picture; None takes all of the picture
                as one rigid body, as is right if it shows nothing but a face.
            aspect: :attr:`PictureTransform.aspect`, so that a similarity is one in the recording.
        """
        if kind not in get_args(RegistrationKind):
            raise ValueError(f"kind is {kind!r}, not one of {get_args(RegistrationKind)}")
        self.kind, self.aspect = kind, aspect
        pyramid = _pyramid(onset)
        self._levels = [self._level(*args, points) for args in zip(pyramid, STRIDES, BORDERS, SMALL_STEPS, strict=True)]
        self._pattern = _Pattern.of(pyramid[0], points)

    def estimate(self, picture: np.ndarray) -> Estimate:
        """Where the head lies in another frame's picture, uint8 RGB ``[h, w, 3]``."""
        pyramid = _pyramid(picture)
        motion, at_rest = self._pattern.find(pyramid[0]), False
        for level, grey in zip(self._levels, pyramid, strict=True):
            motion, at_rest = self._iterate(level, grey, motion)
        (before, _), (after, alike) = (_compare(level, grey, map_) for map_ in (IDENTITY, motion))
        converged = at_rest and alike >= ALIKE and after <= 1.05 * before
        return Estimate(motion, before, after, converged, _largest(motion, level.places))

    def _level(
        self, grey: np.ndarray, stride: int, border: int, small_step: float, points: np.ndarray | None
    ) -> _Level:
        side = len(grey)
        region, counts = _region(points, side), np.zeros((side, side), bool)
        counts[border:-border:stride, border:-border:stride] = True
        rows, columns = np.nonzero(counts & (region > LEAST_WEIGHT))
        places = (np.stack([columns, rows]) + 0.5) / side
        (left, top), (right, bottom) = places.min(axis=1), places.max(axis=1)
        dx, dy = (side * slope[rows, columns].astype(np.float64) for slope in gradient(grey))  # per side
        x, y = places - 0.5
        moves = displacement_columns(dx, dy, x, y, self.kind, self.aspect)
        there = grey[rows, columns].astype(np.float64)
        return _Level(
            places,
            np.array([[left, right, left, right], [top, top, bottom, bottom]]),
            region[rows, columns],
            there,
            np.stack([*moves, there, np.ones_like(there)]).T,  # each column contiguous, for speed
            small_step / side,
        )

    def _iterate(self, level: _Level, grey: np.ndarray, motion: np.ndarray) -> tuple[np.ndarray, bool]:
        """The motion after the iterations on one level, and whether they came to rest."""
        light, moved = np.zeros((2, 1)), np.inf
        for _ in range(STEPS):
            difference = (_sample(grey, motion, level.places) - level.grey)[:, None]
            weights = level.weights * _tukey((difference - explained(level.columns[:, -2:], light))[:, 0])
            found = fit(level.columns, difference, weights)
            light = found[-2:]
            step = IDENTITY + self._displacement(found[:-2, 0] / max(1 + float(light[0, 0]), 0.1))
            moved = _largest(step, level.corners)
            if not moved < 0.25:
                return motion, False
            motion = compose(motion, _inverse(step))
            if moved < level.small_step:
                return motion, True
        return motion, moved < AT_REST * level.small_step

    def _displacement(self, coefficients: np.ndarray) -> np.ndarray:
        """The displacement of the unit square by the coefficients of a fit, which are about its middle."""
        matrix = displacement_matrix(coefficients, self.kind, self.aspect)
        matrix[:, 2] -= matrix[:, :2] @ (0.5, 0.5)
        return matrix


@dataclass(frozen=True, eq=False)
class _Pattern:
    """A part of the onset that is looked for in other frames, in whole pixels of the smallest copy."""

    grey: np.ndarray
    weights: np.ndarray
    left: int
    top: int

    @classmethod
    def of(cls, grey: np.ndarray, points: np.ndarray | None) -> "_Pattern":
        weights = _region(points, len(grey))
        rows, columns = (np.flatnonzero((weights > LEAST_WEIGHT).any(axis=axis)) for axis in (1, 0))
        where = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return cls(grey[where], weights[where], int(columns[0]), int(rows[0]))

    def find(self, grey: np.ndarray) -> np.ndarray:
        """The translation by which the pattern is most alike, whatever the light, float64 ``[2, 3]``."""
        height, width = self.grey.shape
        padded = np.pad(grey, SEARCH, mode="edge")
        part = padded[self.top : self.top + height + 2 * SEARCH, self.left : self.left + width + 2 * SEARCH]
        alike = cv2.matchTemplate(part, self.grey, cv2.TM_CCOEFF_NORMED, mask=self.weights)
        alike[~(np.abs(alike) <= 1.001)] = 0  # undefined where either is flat
        alike[SEARCH, SEARCH] += 1e-6  # so that flat pictures stay in place
        down, right = np.unravel_index(np.argmax(alike), alike.shape)
        return np.array([[1, 0, (right - SEARCH) / len(grey)], [0, 1, (down - SEARCH) / len(grey)]])


def _region(points: np.ndarray | None, side: int) -> np.ndarray:
    """Weights of the pixels, ``[side, side]``; all of them where the landmarks leave next to none inside."""
    everything = np.ones((side, side), np.float32)
    region = everything if points is None else rigid_region(points, side)
    margin = side // 8
    return region if region[margin:-margin, margin:-margin].mean() > 0.01 else everything


def _pyramid(picture: np.ndarray) -> list[np.ndarray]:
    """Small blurred grey copies of an RGB picture, float32 ``[side, side]`` for each of ``LEVELS``."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    copies = [cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA) for side in LEVELS]
    return [cv2.GaussianBlur(copy, (0, 0), BLUR) for copy in copies]


def _sample(grey: np.ndarray, motion: np.ndarray, places: np.ndarray) -> np.ndarray:
    """A picture's grey levels where places ``[2, n]`` have moved to, float64 ``[n]``, linear between pixels.

    OpenCV's own warps round places to 1/32 pixel, about the accuracy that is wanted here.
    """
    side = len(grey)
    x, y = np.clip(side * (np.einsum("ij,jn->in", motion[:, :2], places) + motion[:, 2:]) - 0.5, 0, side - 1.001)
    column, row = x.astype(np.intp), y.astype(np.intp)
    x, y = x - column, y - row
    corner, flat = row * side + column, grey.ravel()
    upper = flat[corner] * (1 - x) + flat[corner + 1] * x
    lower = flat[corner + side] * (1 - x) + flat[corner + side + 1] * x
    return upper * (1 - y) + lower * y


def _tukey(rest: np.ndarray) -> np.ndarray:
    """Tukey's biweight of residuals ``[n]``, by their median absolute value."""
    size = np.abs(rest)
    scale = max(LEAST_SCALE, 1.4826 * float(np.partition(size, len(size) // 2)[len(size) // 2]))
    return np.square(np.maximum(1 - np.square(size / (CUTOFF * scale)), 0))


def _compare(level: _Level, grey: np.ndarray, motion: np.ndarray) -> tuple[float, float]:
    """Mean absolute difference without the light, and the share of the frame's variance that the onset explains."""
    there = _sample(grey, motion, level.places)[:, None]
    light = level.columns[:, -2:]
    rest = np.square(there - explained(light, fit(light, there, level.weights)))[:, 0]
    spread = np.square(there[:, 0] - np.average(there[:, 0], weights=level.weights))
    total = float(np.average(spread, weights=level.weights))
    alike = 1 - float(np.average(rest, weights=level.weights)) / total if total > 0 else 0.0
    return float(np.average(np.sqrt(rest), weights=level.weights)), alike


def _largest(motion: np.ndarray, places: np.ndarray) -> float:
    """Largest displacement of places ``[2, n]``, in their unit."""
    moved = np.einsum("ij,jn->in", motion[:, :2] - np.eye(2), places) + motion[:, 2:]
    return float(np.hypot(*moved).max())


def _inverse(motion: np.ndarray) -> np.ndarray:
    linear = np.linalg.inv(motion[:, :2])
    return np.column_stack([linear, -linear @ motion[:, 2]])

r"""Brief movements in a stream of faces: their strength, beginning and end.

A frame is compared with the mean of two others, k frames before and after it,

.. math::
    d_i = g_i - \tfrac{1}{2} (g_{i-k} + g_{i+k})

as in the feature difference analysis of Moilanen et al. (ICPR 2014). A movement that comes and goes within 2k frames
stands out; a steady drift cancels, and a lasting change of posture counts half. Drift of the head and flicker of the
light are fitted and removed as in :mod:`atm_gcn.media.apex`, and the eyes are left out because of blinks.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from atm_gcn.media.apex import MARGIN, SIDE
from atm_gcn.media.registration.linear_fit import affine_columns, explained, fit

BLOCK = 12  # pixels of a block's side
TOP = 0.25  # share of the blocks that counts, for a micro-expression moves a small part of the face
EYES = ((0.35, 0.43), (0.65, 0.43))  # of the sides of a face's box or of a picture that shows only a face
EYE_RADIUS = (0.17, 0.085)
REST = 0.1  # share of the apex's strength below which the face is at rest


class Motion(NamedTuple):
    """Movement around one frame.

    Args:
        magnitude: Mean absolute residual in the blocks that move most, in grey levels.
        head: Displacement of the head that was removed, in pixels of a thumbnail of 96 x 96.
    """

    magnitude: float
    head: float


@dataclass(frozen=True)
class _Places:
    pixels: np.ndarray  # flat indices of the pixels that count
    blocks: np.ndarray  # block of each of them
    counts: np.ndarray  # such pixels in each block
    full: np.ndarray  # blocks of which at least a third counts


def transient(before: np.ndarray, frame: np.ndarray, after: np.ndarray) -> Motion:
    """The movement in ``frame`` against the frames before and after it; thumbnails, float32 ``[96, 96]`` each."""
    base = (before + after) / 2
    columns = affine_columns(base).reshape(8, -1).T[_PLACES.pixels]  # [pixels, 8]
    difference = (frame - base).reshape(-1, 1)[_PLACES.pixels]
    coefficients = fit(columns, difference)
    rest = np.abs(difference - explained(columns, coefficients))[:, 0]
    sums = np.bincount(_PLACES.blocks, rest, len(_PLACES.counts))
    means = np.sort((sums / np.maximum(_PLACES.counts, 1))[_PLACES.full])[::-1]
    return Motion(float(means[: round(TOP * len(means))].mean()), float(np.hypot(*coefficients[:2, 0])))


def course_of(thumbnails: np.ndarray, apex: int, rest: tuple[int, int]) -> np.ndarray:
    """Strength of the apex's movement in every frame: 1 at the apex, about 0 at rest.

    A matched filter: each frame's difference to the rest is projected onto that of the apex.

    Args:
        thumbnails: float32 ``[n, 96, 96]``.
        apex: Position of the apex among them.
        rest: Positions of two frames at rest, one on either side.
    """
    base = thumbnails[list(rest)].mean(axis=0)
    columns = affine_columns(base).reshape(8, -1).T[_PLACES.pixels]
    difference = (thumbnails - base).reshape(len(thumbnails), -1).T[_PLACES.pixels]  # [pixels, n]
    moved = difference - explained(columns, fit(columns, difference))
    pattern = moved[:, apex]
    return np.einsum("pn,p->n", moved, pattern) / max(float(np.einsum("p,p->", pattern, pattern)), 1e-12)


def interval_of(course: np.ndarray, apex: int) -> tuple[int, int] | None:
    """Positions of the last frame at rest before the apex and of the first after it; None if there is none."""
    quiet = course < REST
    before, after = np.flatnonzero(quiet[:apex]), np.flatnonzero(quiet[apex + 1 :])
    if not (len(before) and len(after)):
        return None
    return int(before[-1]), int(apex + 1 + after[0])


def _places() -> _Places:
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    counts = np.zeros((SIDE, SIDE), dtype=bool)
    counts[MARGIN:-MARGIN, MARGIN:-MARGIN] = True
    for eye in EYES:
        counts &= ((x / SIDE - eye[0]) / EYE_RADIUS[0]) ** 2 + ((y / SIDE - eye[1]) / EYE_RADIUS[1]) ** 2 > 1
    pixels = np.flatnonzero(counts)
    blocks = (y // BLOCK * (SIDE // BLOCK) + x // BLOCK).ravel()[pixels]
    sizes = np.bincount(blocks, minlength=(SIDE // BLOCK) ** 2)
    return _Places(pixels, blocks, sizes, sizes >= BLOCK * BLOCK // 3)


_PLACES = _places()

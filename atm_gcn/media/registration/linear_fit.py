r"""The linear fit behind registration, apex search and spotting: a small displacement and a change of the light.

A picture that shows at every place :math:`\mathbf{x}` what another picture :math:`g` shows at
:math:`\mathbf{x} + \mathbf{u}(\mathbf{x})`, under a light changed by a gain and an offset, differs from it by

.. math::
    d(\mathbf{x}) \approx \nabla g \cdot \mathbf{u}(\mathbf{x}) + c\, g + e

to first order. This is linear in c, e and the coefficients of a translation, similarity or affine displacement, which
least squares over the pixels find. One such fit suffices for displacements of a pixel or two;
:mod:`~atm_gcn.media.registration.registration` repeats it until nothing of the displacement is left.
"""

from typing import Literal

import cv2
import numpy as np

RegistrationKind = Literal["translation", "similarity", "affine"]

RCOND = 1e-9  # of the normal equations, which are singular for a flat picture


def gradient(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The change of a grey picture ``[h, w]`` per pixel to the right and down, float32, by Sobel's differences."""
    dx, dy = (cv2.Sobel(grey, cv2.CV_32F, *order, scale=1 / 8) for order in ((1, 0), (0, 1)))
    return dx, dy


def displacement_columns(
    dx: np.ndarray, dy: np.ndarray, x: np.ndarray, y: np.ndarray, kind: RegistrationKind, aspect: float = 1.0
) -> list[np.ndarray]:
    """The change of a picture per unit of each coefficient of a displacement; all arrays of one shape.

    Args:
        dx: Change of the picture per unit to the right; ``dy`` down.
        x: Places, from the point that stays; ``y`` likewise.
        kind: ``"translation"`` has coefficients right and down; ``"similarity"`` also zoom and turn; ``"affine"`` the
            four of the matrix instead, row by row.
        aspect: Length of a unit of ``y`` times this is the length of a unit of ``x``, for a similarity.
    """
    if kind == "similarity":
        return [dx, dy, x * dx + y * dy, aspect * x * dy - y / aspect * dx]
    return [dx, dy, x * dx, y * dx, x * dy, y * dy] if kind == "affine" else [dx, dy]


def displacement_matrix(coefficients: np.ndarray, kind: RegistrationKind, aspect: float = 1.0) -> np.ndarray:
    """The displacement with the coefficients of :func:`displacement_columns`: ``[2, 3]``, applied to (x, y, 1)."""
    right, down, *rest = (float(value) for value in coefficients)
    linear = np.zeros((2, 2))
    if kind == "similarity":
        zoom, turn = rest
        linear = np.array([[zoom, -turn / aspect], [turn * aspect, zoom]])
    elif kind == "affine":
        linear = np.reshape(rest, (2, 2))
    return np.column_stack([linear, (right, down)])


def affine_columns(grey: np.ndarray) -> np.ndarray:
    """Changes of a square picture under each of six affine displacements, a gain and an offset.

    Args:
        grey: float32 ``[side, side]``.

    Returns:
        float32 ``[8, side, side]``. Displacements are in pixels, at the border for those that grow from the centre.
    """
    side = len(grey)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j].astype(np.float32)
    return np.stack([*displacement_columns(*gradient(grey), x, y, "affine"), grey, np.ones_like(grey)])


def fit(columns: np.ndarray, differences: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Coefficients with which the columns come closest to each difference, by least squares.

    Solves the normal equations without BLAS, whose threads would compete with those that decode other clips.

    Args:
        columns: ``[pixels, k]``.
        differences: ``[pixels, n]``.
        weights: ``[pixels]``, of the squares; None weighs all alike.

    Returns:
        float64 ``[k, n]``.
    """
    columns = columns.astype(np.float64, copy=False)
    weighted = columns if weights is None else columns * weights[:, None]
    gram = np.einsum("pi,pj->ij", columns, weighted)
    moments = np.einsum("pi,pn->in", weighted, differences)
    return np.linalg.lstsq(gram, moments, rcond=RCOND)[0]


def explained(columns: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """The sum of the columns ``[pixels, k]`` with ``coefficients`` ``[k, n]``, float64 ``[pixels, n]``."""
    return np.einsum("pi,in->pn", columns.astype(np.float64, copy=False), coefficients)

r"""The linear fit behind registration, apex search and spotting: what a small displacement and the light change.

To first order, a picture :math:`g` whose content is displaced by :math:`\mathbf{u}(\mathbf{x})` and whose light
changes by a gain c and an offset e differs from itself by

.. math::
    d(\mathbf{x}) \approx -\nabla g \cdot \mathbf{u}(\mathbf{x}) + c\, g + e

which is linear in c, e and the coefficients of an affine displacement. The functions here fit the sign-free form with
:math:`+\nabla g`; :mod:`~atm_gcn.media.registration.registration` repeats the fit until nothing is left of the
displacement, as Baker and Matthews (IJCV 2004) do by their inverse compositional algorithm, whose first step it is.
"""

import cv2
import numpy as np

RCOND = 1e-9  # of the normal equations, which are singular for a flat picture


def gradient(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The change of a grey picture per pixel to the right and down, float32, by Sobel's smoothing differences."""
    dx, dy = (cv2.Sobel(grey, cv2.CV_32F, *order, scale=1 / 8) for order in ((1, 0), (0, 1)))
    return dx, dy


def affine_columns(grey: np.ndarray) -> np.ndarray:
    """Changes of a square picture under each of six affine displacements, a gain and an offset.

    Args:
        grey: float32 ``[side, side]``.

    Returns:
        float32 ``[8, side, side]``: displacements by one pixel to the right and down; two to the right and two down
        that grow by a pixel from the centre to the border along x and along y; gain; offset.
    """
    side = len(grey)
    dx, dy = gradient(grey)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j].astype(np.float32)
    return np.stack([dx, dy, x * dx, y * dx, x * dy, y * dy, grey, np.ones_like(grey)])


def fit(columns: np.ndarray, differences: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Coefficients of the columns by which their sum comes closest to each difference, by least squares.

    Solves the normal equations without BLAS, whose threads would compete with those that decode other clips.

    Args:
        columns: ``[pixels, k]``.
        differences: ``[pixels, n]``.
        weights: ``[pixels]`` of the squares; None weighs all alike.

    Returns:
        float64 ``[k, n]``.
    """
    columns = columns.astype(np.float64)
    weighted = columns if weights is None else columns * weights[:, None]
    gram = np.einsum("pi,pj->ij", columns, weighted)
    moments = np.einsum("pi,pn->in", weighted, differences)
    return np.linalg.lstsq(gram, moments, rcond=RCOND)[0]


def explained(columns: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """The sum of the columns ``[pixels, k]`` by ``coefficients`` ``[k, n]``, float64 ``[pixels, n]``."""
    return np.einsum("pi,in->pn", columns.astype(np.float64), coefficients)

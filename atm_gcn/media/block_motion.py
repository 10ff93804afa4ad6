r"""Motion of the parts of a face between two frames, without that of the head.

Optical flow between two thumbnails is averaged over blocks. An affine displacement, which a head that shifts, turns and
comes closer causes, is fitted to the blocks and removed. The fit is robust: blocks that do not follow it, because they
show a movement of the face or the background, count less and less,

.. math::
    w_b = \frac{1}{1 + (r_b / s)^2}

with the length :math:`r_b` of a block's residual and a scale :math:`s` of a tenth of a pixel at least.
"""

import cv2
import numpy as np

from atm_gcn.media.apex import SIDE

GRID = 8  # blocks along each side
ROUNDS = 4  # of the robust fit
SCALE = 0.1  # pixels of a thumbnail
CONTRAST = 2.0  # grey levels of a thumbnail that one of the flow's input stands for, since thumbnails are flat


def block_flow(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Mean optical flow of every block, from one thumbnail to another.

    Args:
        before: float32 ``[96, 96]``, of :func:`~atm_gcn.media.apex.thumbnail`.
        after: Likewise.

    Returns:
        float32 ``[8, 8, 2]`` displacement to the right and down, in pixels of a thumbnail.
    """
    low = float(min(before.min(), after.min()))
    gain = min(CONTRAST, 255 / max(float(max(before.max(), after.max())) - low, 1.0))
    first, second = (((one - low) * gain).round().astype(np.uint8) for one in (before, after))
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = search.calc(first, second, np.zeros((SIDE, SIDE, 2), np.float32))
    block = SIDE // GRID
    return flow.reshape(GRID, block, GRID, block, 2).mean(axis=(1, 3))


def without_head(flow: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The motion of the face's parts, and that of the head.

    Args:
        flow: float32 ``[n, 8, 8, 2]`` of :func:`block_flow`.

    Returns:
        float32 ``[n, 8, 8, 2]`` displacement of every block without the head's; and float32 ``[n, 6]`` that of the
        head: to the right and down at the centre, then how the first changes from there to the right and lower border,
        and how the second does.
    """
    means = flow.reshape(len(flow), -1, 2).astype(np.float64)
    weights = np.ones(means.shape[:2])
    for _ in range(ROUNDS):
        gram = np.einsum("pi,np,pj->nij", _PLACES, weights, _PLACES, optimize=True)
        moments = np.einsum("pi,np,npk->nik", _PLACES, weights, means, optimize=True)
        coefficients = np.linalg.solve(gram, moments)  # [n, 3, 2]
        rest = means - _PLACES @ coefficients
        length = np.hypot(rest[..., 0], rest[..., 1])
        scale = np.maximum(SCALE, np.median(length, axis=1, keepdims=True))
        weights = 1 / (1 + (length / scale) ** 2)
    head = np.concatenate([coefficients[:, 0], coefficients[:, 1:, 0], coefficients[:, 1:, 1]], axis=1)
    return rest.reshape(flow.shape).astype(np.float32), head.astype(np.float32)


def _places() -> np.ndarray:
    """float64 ``[64, 3]``: 1, and where each block's centre lies right of and below the middle, -1 to 1."""
    centres = (np.arange(GRID) + 0.5) * (2 / GRID) - 1
    down, right = np.meshgrid(centres, centres, indexing="ij")
    return np.column_stack([np.ones(GRID * GRID), right.ravel(), down.ravel()])


_PLACES = _places()

r"""Motion of the parts of a face between two frames, without that of the head.

Optical flow between two thumbnails is averaged over blocks. An affine displacement, which a head that shifts, turns and
comes closer causes, is fitted to the blocks and removed. The fit is robust: blocks that do not follow it, because they
show a movement of the face or the background, count less and less,

.. math::
    w_b = \frac{1}{1 + (r_b / s)^2}

with the length :math:`r_b` of a block's residual and a scale :math:`s` of a tenth of a pixel at least.
"""

from typing import NamedTuple

import cv2
import numpy as np

from atm_gcn.media.apex import SIDE

GRID = 8  # blocks along each side
ROUNDS = 4  # of the robust fit
SCALE = 0.1  # pixels of a thumbnail
CONTRAST = 2.0  # grey levels of a thumbnail that one of the flow's input stands for, since thumbnails are flat


class BlockMotion(NamedTuple):
    """Motion between two thumbnails, in pixels of 96.

    Args:
        blocks: float32 ``[8, 8, 2]`` displacement of each block to the right and down, without the head's.
        head: float32 ``[6]`` displacement of the head to the right and down at the centre, and its four changes from
            there to the border: of the first to the right and down, then of the second.
    """

    blocks: np.ndarray
    head: np.ndarray


def block_motion(before: np.ndarray, after: np.ndarray) -> BlockMotion:
    """The motion from one thumbnail to another; float32 ``[96, 96]`` each, as :func:`~atm_gcn.media.apex.thumbnail`."""
    low = float(min(before.min(), after.min()))
    gain = min(CONTRAST, 255 / max(float(max(before.max(), after.max())) - low, 1.0))
    first, second = (((one - low) * gain).round().astype(np.uint8) for one in (before, after))
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = search.calc(first, second, np.zeros((SIDE, SIDE, 2), np.float32))
    block = SIDE // GRID
    means = flow.reshape(GRID, block, GRID, block, 2).mean(axis=(1, 3), dtype=np.float64)
    coefficients = _head(means.reshape(-1, 2))  # [3, 2]
    rest = means.reshape(-1, 2) - _PLACES @ coefficients
    head = np.concatenate([coefficients[0], coefficients[1:, 0], coefficients[1:, 1]])
    return BlockMotion(rest.reshape(GRID, GRID, 2).astype(np.float32), head.astype(np.float32))


def _head(means: np.ndarray) -> np.ndarray:
    weights = np.ones(len(means))
    for _ in range(ROUNDS):
        weighted = _PLACES * weights[:, None]
        coefficients = np.linalg.solve(weighted.T @ _PLACES, weighted.T @ means)
        length = np.hypot(*(means - _PLACES @ coefficients).T)
        scale = max(SCALE, float(np.median(length)))
        weights = 1 / (1 + (length / scale) ** 2)
    return coefficients


def _places() -> np.ndarray:
    """float64 ``[64, 3]``: 1, and where each block's centre lies right of and below the middle, -1 to 1."""
    centres = (np.arange(GRID) + 0.5) * (2 / GRID) - 1
    down, right = np.meshgrid(centres, centres, indexing="ij")
    return np.column_stack([np.ones(GRID * GRID), right.ravel(), down.ravel()])


_PLACES = _places()

"""Optical flow and strain as three channels, scaled so that micro-expressions move them by the order of 1."""

import numpy as np

from atm_gcn.media.optical_flow.algorithms import Method, optical_flow
from atm_gcn.media.optical_flow.strain import strain
from atm_gcn.media.resizing import resize_square

FLOW_SCALE = 100.0  # u and v in percent of the picture's side: 1 pixel of 224 is 0.45
STRAIN_SCALE = 10.0  # a stretch by a tenth is 1
MIDDLE = 127.5  # the byte between the two that stand nearest to no movement in a picture of flow


def flow_view(onset: np.ndarray, frame: np.ndarray, method: Method, size: int) -> np.ndarray:
    """Optical flow and strain of a frame against the onset frame, in the channels u, v and strain.

    Flow and strain are computed at the pictures' size and then averaged to ``size``, so that a small view is as exact
    as a large one.

    Args:
        onset: uint8 RGB ``[S, S, 3]``.
        frame: Likewise, of the same size.
        method: Of :func:`optical_flow`.
        size: Height and width of the view.

    Returns:
        float16 ``[size, size, 3]``: u (right) and v (down) in percent of the picture's side, and ten times the strain.
    """
    return scaled_view(optical_flow(onset, frame, method), size)


def scaled_view(flow: np.ndarray, size: int) -> np.ndarray:
    """What :func:`flow_view` makes of optical flow in pixels ``[S, S, 2]``."""
    height, width = flow.shape[:2]
    u, v = flow[..., 0] * (FLOW_SCALE / width), flow[..., 1] * (FLOW_SCALE / height)
    return resize_square(np.stack([u, v, STRAIN_SCALE * strain(flow)], axis=-1), size).astype(np.float16)


def flow_from_picture(picture: np.ndarray) -> np.ndarray:
    """The three channels of a picture of optical flow, as public repositories publish them.

    Args:
        picture: uint8 RGB ``[..., 3]``: u in red and v in green, 127.5 for none; strain in blue, 0 for none.

    Returns:
        float32 ``[..., 3]``: u and v in -1..1, strain in 0..1, in the units of the picture.
    """
    values = picture.astype(np.float32)
    values[..., :2] = (values[..., :2] - MIDDLE) / MIDDLE
    values[..., 2] /= 255
    return values

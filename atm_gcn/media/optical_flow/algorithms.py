"""Optical flow between two pictures, by OpenCV or scikit-image."""

from collections.abc import Callable
from types import ModuleType
from typing import Literal, get_args

import cv2
import numpy as np

from atm_gcn.errors import ATMGCNError, either, require

Method = Literal["tvl1", "farneback", "dis"]
SMALLEST = 16  # pixels of a side below which OpenCV's DIS refuses a picture
FARNEBACK_MARGIN = 16  # pixels; near the right and lower border, OpenCV finds movement between equal pictures
ATTACHMENT = 0.15 * 255  # of TV-L1, as in OpenCV; scikit-image's own default of 15 makes small movements smaller
METHODS: tuple[Method, ...] = get_args(Method)


def optical_flow(onset: np.ndarray, frame: np.ndarray, method: Method) -> np.ndarray:
    """Where the skin that a pixel of the onset frame shows is in another frame.

    Grey values are compared. The result does not depend on the number of threads.

    Args:
        onset: uint8 RGB ``[H, W, 3]``.
        frame: Likewise, of the same shape.
        method: ``"dis"``, dense inverse search (Kroeger et al., ECCV 2016); ``"farneback"``, polynomial expansion
            (Farnebäck, SCIA 2003); ``"tvl1"``, total variation and L1 norm (Zach et al., DAGM 2007), which needs
            scikit-image.

    Returns:
        Displacement in pixels, float32 ``[H, W, 2]``: u to the right, v downwards.

    Raises:
        ATMGCNError: If the method is unknown, or scikit-image is not installed for ``"tvl1"``.
    """
    check_method(method)
    first, second = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (onset, frame))
    return _FUNCTIONS[method](first, second)


def check_method(method: str) -> None:
    """Make sure that optical flow can be computed by a method.

    Raises:
        ATMGCNError: If the method is unknown, or scikit-image is not installed for ``"tvl1"``.
    """
    if method not in METHODS:
        raise ATMGCNError(f"optical flow: method must be {either(METHODS)}, not {method!r}")
    if method == "tvl1":
        _skimage()


def _skimage() -> ModuleType:
    return require("skimage.registration", "flow", "optical flow by TV-L1 (data.flow=tvl1)")


def _dis(onset: np.ndarray, frame: np.ndarray) -> np.ndarray:
    margin = max(0, SMALLEST - min(onset.shape))
    onset, frame = _with_margin(onset, margin), _with_margin(frame, margin)
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)  # keeps buffers: one per call, so per thread
    return _inside(search.calc(onset, frame, np.zeros((*onset.shape, 2), np.float32)), margin)


def _farneback(onset: np.ndarray, frame: np.ndarray) -> np.ndarray:
    onset, frame = _with_margin(onset, FARNEBACK_MARGIN), _with_margin(frame, FARNEBACK_MARGIN)
    flow = np.zeros((*onset.shape, 2), np.float32)
    flow = cv2.calcOpticalFlowFarneback(
        onset,
        frame,
        flow,
        pyr_scale=0.5,
        levels=4,
        winsize=31,  # of a Gaussian, which follows small movements better than a box of 15 and is smoother
        iterations=3,
        poly_n=7,
        poly_sigma=1.5,
        flags=cv2.OPTFLOW_FARNEBACK_GAUSSIAN,
    )
    return _inside(flow, FARNEBACK_MARGIN)


def _tvl1(onset: np.ndarray, frame: np.ndarray) -> np.ndarray:
    first, second = (picture.astype(np.float32) / 255 for picture in (onset, frame))
    rows, columns = _skimage().optical_flow_tvl1(first, second, attachment=ATTACHMENT, prefilter=True)
    return np.stack([columns, rows], axis=-1).astype(np.float32)


def _with_margin(grey: np.ndarray, margin: int) -> np.ndarray:
    return cv2.copyMakeBorder(grey, margin, margin, margin, margin, cv2.BORDER_REPLICATE)


def _inside(flow: np.ndarray, margin: int) -> np.ndarray:
    return flow[margin : flow.shape[0] - margin, margin : flow.shape[1] - margin]


_FUNCTIONS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "dis": _dis,
    "farneback": _farneback,
    "tvl1": _tvl1,
}

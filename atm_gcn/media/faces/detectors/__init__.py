"""Face detectors behind one interface."""

import threading
from typing import Protocol

import numpy as np

from atm_gcn.errors import ATMGCNError, did_you_mean
from atm_gcn.media.faces.face import Face

DETECTORS = ("mtcnn", "haar")

_detectors = threading.local()  # detectors keep their scratch memory, so threads must not share one


class Detector(Protocol):
    """Finds faces in frames; used by one thread only."""

    def search(self, frame: np.ndarray, scale: float, smallest: float) -> list[Face]:
        """The faces of a frame, in its pixels.

        Args:
            frame: uint8 RGB ``[H, W, 3]``.
            scale: By which the frame is shrunk before it is searched, at most 1.
            smallest: Least side of a face, as a share of the frame's shorter side.
        """


def detector_of(name: str) -> Detector:
    """This thread's detector of a name.

    Args:
        name: ``"mtcnn"``, ``"haar"`` or the ONNX file of a YuNet.

    Raises:
        ATMGCNError: If the name is unknown, or what the detector needs is missing.
    """
    if not hasattr(_detectors, "loaded"):
        _detectors.loaded = {}
    if name not in _detectors.loaded:
        _detectors.loaded[name] = _load(name)
    return _detectors.loaded[name]


def _load(name: str) -> Detector:
    if name == "mtcnn":
        from atm_gcn.media.faces.detectors.mtcnn import MTCNNDetector

        return MTCNNDetector()
    if name == "haar":
        from atm_gcn.media.faces.detectors.haar import HaarDetector

        return HaarDetector()
    if not name.lower().endswith(".onnx"):
        raise ATMGCNError(
            f"--face-detector {name}: there is no such detector; give mtcnn, haar or the ONNX file of a YuNet"
            f"{did_you_mean(name, DETECTORS)}"
        )
    from atm_gcn.media.faces.detectors.yunet import YuNetDetector

    return YuNetDetector(name)

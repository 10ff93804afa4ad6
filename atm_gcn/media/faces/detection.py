"""The faces of a frame."""

import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.faces.choice import choose_face
from atm_gcn.media.faces.detectors import detector_of
from atm_gcn.media.faces.face import Box, Face, crop_box

SEARCH_SIDE = 480  # longest side of the picture that is searched; larger ones are shrunk to it
SMALLEST_FACE = 0.1  # of the shorter side
MARGIN = 0.1  # of the found square's side, added on every side: detectors cut chins off


def find_faces(frame: np.ndarray, detector: str = "mtcnn") -> list[Face]:
    """The faces of a frame, largest first.

    Args:
        frame: uint8 RGB ``[H, W, 3]``.
        detector: ``"mtcnn"``, ``"haar"`` or the ONNX file of a YuNet.

    Raises:
        ATMGCNError: If there is no such detector.
    """
    scale = min(1.0, SEARCH_SIDE / max(frame.shape[:2]))
    return sorted(detector_of(detector).search(frame, scale, SMALLEST_FACE), key=lambda face: -face.side)


def find_face(frame: np.ndarray, detector: str = "haar", choice: str | int = "largest") -> Box | None:
    """The square around a face of a frame, with a margin of 0.1, or None.

    Args:
        frame: uint8 RGB ``[H, W, 3]``.
        detector: As for :func:`find_faces`.
        choice: As for :func:`choose_face`.
    """
    face = choose_face(find_faces(frame, detector), choice, frame.shape)
    return None if face is None else crop_box(face, frame.shape, MARGIN)


class NoFaceError(ATMGCNError):
    """No frame of a recording shows a face."""

    searched: int = 0
    """Frames that were searched."""


def no_face(where: str, searched: int) -> NoFaceError:
    """The error for a recording, named by ``where``, in which no face was found."""
    error = NoFaceError(
        f"{where}: no face found in {searched} frames; the face must look towards the camera; otherwise read whole "
        "pictures (--face none)"
    )
    error.searched = searched
    return error

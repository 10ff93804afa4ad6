"""Whether a face is followed through all frames of a clip."""

from collections.abc import Iterable

import numpy as np

from atm_gcn.media.faces.detection import find_faces
from atm_gcn.media.faces.face import Face, overlap

SAME_PLACE = 0.6  # intersection over union from which a face is at the place of another


def follow(frames: Iterable[np.ndarray], first_face: Face, detector: str = "mtcnn") -> str | None:
    """Why a face cannot be followed through a clip, whose pictures are cut at one place; None if it can.

    Args:
        frames: The clip's frames, uint8 RGB ``[H, W, 3]``, beginning with the one that ``first_face`` was found in.
        first_face: The face.
        detector: The detector that found it.

    Returns:
        The reason, which names the frame by its position from 1.
    """
    for position, frame in enumerate(frames, start=1):
        if not any(overlap(face.box, first_face.box) >= SAME_PLACE for face in find_faces(frame, detector)):
            return f"the face is not found at its place in frame {position} of the clip"
    return None

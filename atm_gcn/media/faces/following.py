"""Whether a face is followed through all frames of a clip."""

from collections.abc import Iterable

import numpy as np

from atm_gcn.media.faces.appearance import SAME_PERSON, appearance, likeness
from atm_gcn.media.faces.detection import find_faces
from atm_gcn.media.faces.face import Face, overlap

SAME_PLACE = 0.6  # intersection over union from which a face is at the place of another
STEP = 4  # frames from one detection to the next, unless another face is near
MISSED = 2  # detections in a row without the face, by which it is lost
NEAR = 1.5  # sides of the face, between the centres of faces that are near each other

LOST, REPLACED, HIDDEN = (
    "the face is lost",
    "somebody else is at the place of the face",
    "the face cannot be told from another",
)


def follow(frames: Iterable[np.ndarray], first_face: Face, detector: str = "mtcnn") -> str | None:
    """Why a face cannot be followed through a clip, whose pictures are cut at one place; None if it can.

    The face must stay at its place, look like the same person, and not be covered by another face. Every fourth frame
    is searched, and every frame while another face is near.

    Args:
        frames: The clip's frames, uint8 RGB ``[H, W, 3]``, from the one that ``first_face`` was found in or the next.
            No more of them are read than are needed.
        first_face: The face.
        detector: The detector that found it.

    Returns:
        :data:`LOST`, :data:`REPLACED` or :data:`HIDDEN`, which is so in the last frame that was read.
    """
    looks: list[np.ndarray] = []  # of the first and of the last detection
    missed, wait = 0, 0
    for frame in frames:
        wait -= 1
        if wait > 0:
            continue
        faces = find_faces(frame, detector)
        here = [face for face in faces if overlap(face.box, first_face.box) >= SAME_PLACE]
        others = [face for face in faces if distance(face, first_face) <= NEAR * first_face.side]
        wait = 1 if len(others) > 1 else STEP
        if len(here) > 1:
            return HIDDEN
        if not here:
            missed, wait = missed + 1, 1
            if missed == MISSED:
                return LOST
            continue
        look, missed = appearance(frame, here[0]), 0
        if looks and max(likeness(look, known) for known in looks) < SAME_PERSON:
            return REPLACED
        looks = [*looks[:1], look]
    return None


def distance(one: Face, other: Face) -> float:
    """Between the centres of two faces, in pixels."""
    return float(np.hypot(*np.subtract(one.centre, other.centre)))

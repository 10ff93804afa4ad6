"""The face of a clip, found in its onset frame or the first later one that shows it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from atm_gcn.config import DataConfig

if TYPE_CHECKING:
    from atm_gcn.media.faces import Face
    from atm_gcn.media.picture_transform import PictureTransform


@dataclass(frozen=True)
class ClipFace:
    """The face of a clip.

    Args:
        face: The one that is meant, in pixels of the recording.
        faces: All that the frame shows, largest first.
        position: Position of that frame among those that were searched.
        number: Its frame number.
        shape: Height and width of the frame.
    """

    face: "Face"
    faces: tuple["Face", ...]
    position: int
    number: int
    shape: tuple[int, int]

    def of(self, face: "Face") -> Self:
        """The same frame with another of its faces."""
        return replace(self, face=face)

    def transform(self, config: DataConfig) -> "PictureTransform":
        """What ``config.face`` makes of a frame with this face.

        Raises:
            ATMGCNError: If it is ``"align"``, and the detector gives no landmarks.
        """
        from atm_gcn.media.faces import alignment, crop_box
        from atm_gcn.media.picture_transform import PictureTransform

        if config.face == "align":
            return alignment(self.face, config.face_margin)
        return PictureTransform.of_box(crop_box(self.face, self.shape, config.face_margin))


@dataclass(frozen=True)
class MissingFace:
    """Why the face that is meant cannot be used.

    Args:
        reason: In a few words, such as ``"no face"``.
        searched: Frames that were searched.
    """

    reason: str
    searched: int


def search_clip_face(frames: Iterable[np.ndarray], numbers: np.ndarray, config: DataConfig) -> ClipFace | MissingFace:
    """Search the frames of a clip for its face.

    The first frame that shows any face decides. With ``config.face_choice == "track"``, the largest of them is then
    followed through the other frames.

    Args:
        frames: uint8 RGB ``[H, W, 3]`` each; no more are read than are needed.
        numbers: Their numbers.
        config: The settings.
    """
    from atm_gcn.media.faces import choose_face, find_faces

    searched = 0
    for position, frame in enumerate(frames):
        searched = position + 1
        faces = find_faces(frame, config.face_detector)
        if not faces:
            continue
        number, choice = int(numbers[position]), config.face_choice
        face = choose_face(faces, "largest" if choice == "track" else choice, frame.shape)
        if face is None:
            count = f"{len(faces)} face{'s' if len(faces) > 1 else ''}"
            return MissingFace(f"no face {choice}: {count} in frame {number}", searched)
        return ClipFace(face, tuple(faces), position, number, frame.shape[:2])
    return MissingFace("no face", searched)


def find_clip_face(frames: Iterable[np.ndarray], numbers: np.ndarray, config: DataConfig, where: str) -> ClipFace:
    """As :func:`search_clip_face`, with an error that starts with ``where`` instead of a :class:`MissingFace`.

    Raises:
        NoFaceError: If the face cannot be used.
    """
    from atm_gcn.media.faces.detection import NoFaceError, no_face

    found = search_clip_face(frames, numbers, config)
    if isinstance(found, ClipFace):
        return found
    if found.reason == "no face":
        raise no_face(where, found.searched)
    error = NoFaceError(f"{where}: {found.reason}; choose another with data.face_choice (--face-choice)")
    error.searched = found.searched
    raise error

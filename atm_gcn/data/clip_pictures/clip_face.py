"""The face of a clip, found in its onset frame or the first later one that shows it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from atm_gcn.config import DataConfig

if TYPE_CHECKING:
    from atm_gcn.media.faces import Face
    from atm_gcn.media.picture_transform import PictureTransform

NO_FACE = "no face"
"""The reason for clips none of whose frames shows a face."""


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

    def landmarks(self, config: DataConfig) -> np.ndarray | None:
        """Where the five landmarks lie in the pictures, float64 ``[5, 2]`` in units of their side; None if unknown."""
        if self.face.points is None or config.face == "none":
            return None
        return self.transform(config).to_picture(self.face.points)

    def record(self, config: DataConfig) -> dict[str, Any]:
        """What a frame store records of the face, for JSON; places are in pixels of the recording.

        ``done`` is ``config.face``; ``box`` left, top and side of the square around the face; ``transform`` the map
        from the unit square of the pictures to the recording, ``[2, 3]``, or None for whole frames.
        """
        points, whole = self.face.points, config.face == "none"
        return {
            "done": config.face,
            "detector": config.face_detector,
            "choice": config.face_choice,
            "frame": self.number,
            "faces": len(self.faces),
            "box": list(self.face.box),
            "confidence": self.face.confidence,
            "points": None if points is None else np.asarray(points).tolist(),
            "transform": None if whole else self.transform(config).matrix.tolist(),
        }


@dataclass(frozen=True)
class MissingFace:
    """Why the face that is meant cannot be used.

    Args:
        reason: In a few words; :data:`NO_FACE` where no frame shows any.
        searched: Frames that were searched.
    """

    reason: str
    searched: int


def search_clip_face(frames: Iterable[np.ndarray], numbers: np.ndarray, config: DataConfig) -> ClipFace | MissingFace:
    """Search the frames of a clip for its face: the one that ``config.face_choice`` means in the first frame with it.

    With ``config.face_choice == "track"``, the largest face of that frame is then followed through the others.

    Args:
        frames: uint8 RGB ``[H, W, 3]`` each; no more are read than are needed.
        numbers: Their numbers.
        config: The settings.
    """
    from atm_gcn.media.faces import choose_face, find_faces, follow

    most, searched, remaining = 0, 0, iter(frames)
    for position, frame in enumerate(remaining):
        searched = position + 1
        faces = find_faces(frame, config.face_detector)
        face = choose_face(faces, config.face_choice, frame.shape)
        if face is None:
            most = max(most, len(faces))
            continue
        if config.face_choice == "track":
            followed = count(position)
            rest = (picture for picture, _ in zip(remaining, followed, strict=False))
            reason = follow(rest, face, config.face_detector)
            if reason:
                return MissingFace(f"{reason} in frame {numbers[next(followed)]}", searched)
        return ClipFace(face, tuple(faces), position, int(numbers[position]), frame.shape[:2])
    if most:
        shown = f"{most} face{'s' if most > 1 else ''}"
        return MissingFace(f"no face {config.face_choice}, at most {shown} in a frame", searched)
    return MissingFace(NO_FACE, searched)


def find_clip_face(frames: Iterable[np.ndarray], numbers: np.ndarray, config: DataConfig, where: str) -> ClipFace:
    """As :func:`search_clip_face`, with an error that starts with ``where`` instead of a :class:`MissingFace`.

    Raises:
        NoFaceError: If the face cannot be used.
    """
    from atm_gcn.media.faces.detection import NoFaceError, no_face

    found = search_clip_face(frames, numbers, config)
    if isinstance(found, ClipFace):
        return found
    if found.reason == NO_FACE:
        raise no_face(where, found.searched)
    error = NoFaceError(f"{where}: {found.reason}; choose another with --face-choice")
    error.searched = found.searched
    raise error

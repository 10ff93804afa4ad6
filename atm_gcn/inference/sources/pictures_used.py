"""What a prediction used of the pictures of a recording: the face, and how its frames were registered."""

from dataclasses import dataclass

import numpy as np

from atm_gcn.media.faces import Face


@dataclass(frozen=True)
class FaceUsed:
    """The face that the pictures show; places are in pixels of the recording.

    Args:
        x: Left side of the square around the face, with its margin.
        y: Its upper side.
        side: Its side.
        points: Left eye, right eye, nose, left and right corner of the mouth, left as seen in the picture, ``[x, y]``
            each; None without landmarks.
        confidence: Of the detector, 0 to 1; None if it has none.
        detector: ``"mtcnn"``, ``"haar"`` or the file of a YuNet.
        choice: Which face was meant: a value of ``data.face_choice``, or ``"all"``.
        number: Of this face from the left, in the frame in which it was found.
        count: Faces in that frame.
        aligned: Whether the pictures were aligned by the points, rather than cropped to the square.
    """

    x: int
    y: int
    side: int
    points: list[list[float]] | None
    confidence: float | None
    detector: str
    choice: str | int
    number: int
    count: int
    aligned: bool

    def place(self, margin: float) -> Face:
        """The face, as the square without its margin."""
        points = None if self.points is None else np.array(self.points)
        side = self.side / (1 + 2 * margin)
        x, y = self.x + margin * side, self.y + margin * side
        return Face((x, y, side, side), self.confidence, points)


@dataclass(frozen=True)
class RegistrationUsed:
    """The registration of the frames to the onset.

    Args:
        kind: ``"translation"``, ``"similarity"`` or ``"affine"``.
        displacement: Largest displacement that was removed, as a share of the picture's side; None if the frames stayed
            unregistered.
        reason: Why they stayed unregistered; None if they did not.
    """

    kind: str
    displacement: float | None
    reason: str | None

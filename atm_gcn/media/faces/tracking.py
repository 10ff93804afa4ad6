"""Tracking one face in a stream: one box for as long as the face stays in it."""

from dataclasses import dataclass, field

import numpy as np

from atm_gcn.media.faces.choice import choose_face
from atm_gcn.media.faces.detection import MARGIN, find_faces
from atm_gcn.media.faces.face import Box, Face, crop_box, overlap

CHECK_SECONDS = 0.5  # between two detections
LOST_SECONDS = 1.5  # without a detection of the face, after which the box is dropped
AGREEMENT = 0.6  # intersection over union from which two boxes are one face at one place


@dataclass
class FaceTracker:
    """The box of the face, frame by frame.

    The box changes only when the face has left it, since a box that follows every detection would move everything in
    it. A face is accepted when two detections agree. Each box begins a segment; frames of different segments are not
    comparable.

    Args:
        required: Whether frames without a face are skipped. Otherwise the whole picture is used if the first two
            detections find none, as in a recording that shows only a face.

        detector: As for :func:`~atm_gcn.media.faces.find_faces`.
        choice: As for :func:`~atm_gcn.media.faces.choose_face`.

    Attributes:
        box: The face with a margin; None for the whole picture.
        face: The face; None for the whole picture.
        faces: All faces of the frame in which it was found.
        segment: Number of the segment; None while there is no face.
        searched: Frames that were searched.
        opened: Segments so far.
    """

    required: bool
    detector: str = "haar"
    choice: str | int = "largest"
    box: Box | None = None
    face: Face | None = None
    faces: tuple[Face, ...] = ()
    segment: int | None = None
    searched: int = 0
    opened: int = 0
    _candidate: Box | None = None
    _seen: float = 0.0
    _next: float = 0.0
    _whole: bool = field(default=False, init=False)

    @property
    def awaits_confirmation(self) -> bool:
        """Whether there is no face yet, but the last detection found one."""
        return self.segment is None and self._candidate is not None

    def update(self, image: np.ndarray, seconds: float) -> None:
        """Process the next frame, uint8 RGB ``[H, W, 3]``."""
        if self._whole or seconds < self._next:
            return
        self._next = seconds + (CHECK_SECONDS if self.segment is not None else CHECK_SECONDS / 5)
        faces = find_faces(image, self.detector)
        face = choose_face(faces, self.choice, image.shape)
        found = face and crop_box(face, image.shape, MARGIN)
        self.searched += 1
        if found is None and self.segment is None and not self.required and self.searched > 1:
            self._whole = True
            self._open(None)
        elif found is None:
            self._forget(seconds)
        elif self.box is not None and overlap(found, self.box) >= AGREEMENT:
            self._seen = seconds
        elif self._candidate is not None and overlap(found, self._candidate) >= AGREEMENT:
            self._seen = seconds
            self._open(found)
            self.face, self.faces = face, tuple(faces)
        else:
            self._candidate = found
            self._next = seconds + CHECK_SECONDS / 5

    def _open(self, box: Box | None) -> None:
        self.box, self.segment, self._candidate = box, self.opened, None
        self.opened += 1

    def _forget(self, seconds: float) -> None:
        self._candidate = None
        if self.segment is not None and seconds - self._seen > LOST_SECONDS:
            self.box, self.face, self.faces, self.segment = None, None, (), None

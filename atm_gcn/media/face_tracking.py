"""Keeping to one face in a stream: one box for as long as the face stays in it."""

from dataclasses import dataclass, field

import numpy as np

from atm_gcn.media.face_detection import Box, find_face

CHECK_SECONDS = 0.5  # between two looks
LOST_SECONDS = 1.5  # without a look that finds the face, the box is given up
AGREEMENT = 0.6  # share of the union that two boxes have in common if they are one face at one place


@dataclass
class FaceFollower:
    """Tells, frame by frame, where the face is.

    The box changes only when the face has left it, since a box that trembles with every detection moves everything in
    it. A first face is believed when two looks agree. Each box opens a segment: frames of two are not comparable.

    Args:
        required: Whether there is nothing without a face. Otherwise the whole picture is taken where the first two
            looks find none, as it is of a recording that shows only a face.

    Attributes:
        box: Where the face is; None for the whole picture.
        segment: Counts up with every change; None while there is no face.
        searched: Frames that were looked at.
        opened: Segments so far.
    """

    required: bool
    box: Box | None = None
    segment: int | None = None
    searched: int = 0
    opened: int = 0
    _candidate: Box | None = None
    _seen: float = 0.0
    _next: float = 0.0
    _whole: bool = field(default=False, init=False)

    def update(self, image: np.ndarray, seconds: float) -> None:
        """Take in the next frame, uint8 RGB ``[H, W, 3]``."""
        if self._whole or seconds < self._next:
            return
        self._next = seconds + (CHECK_SECONDS if self.segment is not None else CHECK_SECONDS / 5)
        found = find_face(image)
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
        else:
            self._candidate = found
            self._next = seconds + CHECK_SECONDS / 5  # look again soon

    def _open(self, box: Box | None) -> None:
        self.box, self.segment, self._candidate = box, self.opened, None
        self.opened += 1

    def _forget(self, seconds: float) -> None:
        self._candidate = None
        if self.segment is not None and seconds - self._seen > LOST_SECONDS:
            self.box, self.segment = None, None


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two squares."""
    width = min(one.x + one.side, other.x + other.side) - max(one.x, other.x)
    height = min(one.y + one.side, other.y + other.side) - max(one.y, other.y)
    both = max(width, 0) * max(height, 0)
    return both / (one.side**2 + other.side**2 - both)

"""Tracking one face in a stream: one box for as long as the face stays in it."""

import numpy as np

from atm_gcn.media.faces.face import Box, Face
from atm_gcn.media.faces.people import People
from atm_gcn.media.faces.person import Person


class FaceTracker:
    """The box of one person's face, frame by frame.

    The box changes only when the face has left it, since a box that follows every detection would move everything in
    it. A face is accepted when two detections agree. Each box begins a segment; frames of different segments are not
    comparable. A segment shows one person.

    Args:
        required: Whether frames without a face are skipped. Otherwise the whole picture is used if the first two
            detections find none, as in a recording that shows only a face.
        detector: As for :func:`~atm_gcn.media.faces.find_faces`.
        choice: As for :func:`~atm_gcn.media.faces.choose_face`; when that person is gone, the choice is made again,
            except for ``"track"``.

    Attributes:
        segment: Number of the segment; None while there is no face.
        opened: Segments so far.
    """

    def __init__(self, required: bool, detector: str = "haar", choice: str | int = "largest") -> None:
        self._people = People(required, detector, choice)
        self._current: tuple[Person, int] | None = None  # whose segment it is, and its number for that person
        self.segment: int | None = None
        self.opened = 0

    def update(self, image: np.ndarray, seconds: float) -> None:
        """Process the next frame, uint8 RGB ``[H, W, 3]``."""
        self._people.update(image, seconds)
        person = self._people.followed
        if person is None or person.segment is None:
            self._current = self.segment = None
        elif self._current != (person, person.segment):
            self._current, self.segment = (person, person.segment), self.opened
            self.opened += 1

    @property
    def box(self) -> Box | None:
        """The face with a margin; None for the whole picture, or without a face."""
        return None if self._people.followed is None else self._people.followed.box

    @property
    def face(self) -> Face | None:
        """The face where it was accepted; None likewise."""
        return None if self._people.followed is None else self._people.followed.face

    @property
    def searched(self) -> int:
        """Frames that were searched."""
        return self._people.searched

    @property
    def awaits_confirmation(self) -> bool:
        """Whether there is no face yet, but the last detection found one."""
        person = self._people.followed
        return person is not None and person.awaits_confirmation

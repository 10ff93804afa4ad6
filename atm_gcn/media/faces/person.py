"""One person in a stream: where the face is, and for how long it is surely there."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from atm_gcn.media.faces.appearance import SAME_PERSON, likeness
from atm_gcn.media.faces.detection import MARGIN
from atm_gcn.media.faces.face import Box, Face, covered, crop_box, overlap
from atm_gcn.media.faces.following import HIDDEN, LOST, REPLACED, distance

LOST_SECONDS = 1.5  # without a detection of the face, after which its place is given up
AGREEMENT = 0.6  # intersection over union from which two boxes are one face at one place
FARTHEST = 1.5  # sides of the face that a head may move between two detections, or while it is hidden
CROWD = 2.0  # sides of the face, between the centres of faces that are near each other
RETURN_SECONDS = 3.0  # for which somebody who was near another face and is not found may be behind it
RETURNED = 0.85  # likeness from which somebody who was away for longer is the same person, wherever the face appears
MOVED = "the face left its place"  # near another face, so that the place may show that one
COVERED = 0.1  # share of the smaller of two faces that both take up, from which one hides the other


@dataclass(eq=False)
class Person:
    """One person in a stream.

    The place of the face changes only when the face has left it, since a place that follows every detection would move
    everything in it. A place is accepted when two detections agree, and no other face covers it. Each begins a segment;
    frames of different segments are not comparable. A segment ends when the face is at another place, is not found for
    a while, or is somebody else's.

    Attributes:
        number: From 1, in the order in which the first places were accepted, from left to right; 0 before.
        face: The face where its place was accepted; None while there is none, or for whole frames.
        faces: All faces of the frame in which it was found.
        box: The face with a margin; None likewise.
        segment: Number of the segment; None while there is none.
        opened: Segments so far.
        since: When the face was first found at this place, in seconds.
        seen: When the person was last found at this place, in seconds. Frames up to then show nobody else there.
        ended: Up to when the frames of the last segment that ended are sure to show the person.
        reason: Why it ended, unless the person was found elsewhere with nobody near: :data:`MOVED`, or one of those of
            :func:`~atm_gcn.media.faces.follow`.
    """

    number: int = 0
    face: Face | None = None
    faces: tuple[Face, ...] = ()
    box: Box | None = None
    segment: int | None = None
    opened: int = 0
    since: float = -np.inf
    seen: float = -np.inf
    ended: float = np.inf
    reason: str | None = None
    _found: bool = False  # in the last frame that was searched
    _last: Face | None = None  # where the person was last found, and when
    _last_seconds: float = -np.inf
    _crowded: bool = False  # whether another face was near then
    _looks: list[np.ndarray] = field(default_factory=list)  # the first and the last one that no other face covers
    _candidate: Box | None = None
    _candidate_since: float = np.inf

    @property
    def awaits_confirmation(self) -> bool:
        """Whether there is no place yet, but the last detection found the face."""
        return self.segment is None and self._found

    @property
    def is_away(self) -> bool:
        """Whether there is no place, and none is about to be accepted."""
        return self.segment is None and not self._found

    def may_be_hidden(self, now: float, seconds: float = RETURN_SECONDS) -> bool:
        """Whether the person was near another face shortly ago, and is not found."""
        return bool(self.opened) and not self._found and self._crowded and now - self._last_seconds <= seconds

    def is_near(self, face: Face) -> bool:
        """Whether a face is where this person's may have moved."""
        return self._last is not None and distance(face, self._last) <= FARTHEST * max(face.side, self._last.side)

    def resembles(self, face: Face, look: np.ndarray, now: float) -> float:
        """How surely a face is this person's, above 0 if it may be; numbered people come first."""
        if not self._looks or self._last is None:
            return 0.0
        same = max(likeness(look, known) for known in self._looks)
        if self.is_away and (now - self._last_seconds > RETURN_SECONDS or not self.is_near(face)):
            return same + bool(self.number) if same >= RETURNED else 0.0
        if same < SAME_PERSON or not self.is_near(face):
            return 0.0
        same_place = overlap(face.box, self._last.box) if self._found else 0.0  # who was hidden may have moved
        return same + same_place + 2 * bool(self.number)

    def find(self, face: Face, look: np.ndarray, faces: Sequence[Face], shape: tuple[int, ...], now: float) -> bool:
        """Note that the face was found; return whether it should be looked for again soon."""
        box, others = crop_box(face, shape, MARGIN), [other for other in faces if other is not face]
        hidden = any(covered(face, other) >= COVERED for other in others)
        self._found, self._last, self._last_seconds = True, face, now
        self._crowded = any(distance(face, other) <= CROWD * face.side for other in others)
        if not self._looks or not hidden:
            self._looks = [*self._looks[:1], look]
        if self.box is not None and overlap(box, self.box) >= AGREEMENT:
            self.seen = now
            return self._crowded
        if self.segment is not None and self._crowded:
            self._end(MOVED)
        if self._candidate is None or overlap(box, self._candidate) < AGREEMENT:
            self._candidate, self._candidate_since = box, now
        elif not hidden or now - self._candidate_since >= LOST_SECONDS:
            self._open(face, faces, box, now)
            return self._crowded
        return True

    def miss(self, faces: Sequence[Face], known: Sequence[Face], shape: tuple[int, ...], now: float) -> None:
        """Note that the person was not found, although the frame shows ``faces``; ``known`` ones are other people's."""
        self._found, self._candidate = False, None
        if self._last is not None:
            self._crowded |= any(distance(face, self._last) <= CROWD * face.side for face in known)
        if self.segment is None or self.box is None:
            return
        boxes = [crop_box(face, shape, MARGIN) for face in faces]
        if any(overlap(box, self.box) >= AGREEMENT / 2 for box in boxes):
            self._end(HIDDEN if self._crowded else REPLACED)
        elif now - self.seen > LOST_SECONDS:
            self._end(LOST)

    def open_whole(self) -> None:
        """Take whole frames for the face."""
        self.segment, self.seen = self.opened, np.inf
        self.opened += 1

    def _open(self, face: Face, faces: Sequence[Face], box: Box, now: float) -> None:
        if self.segment is not None:
            self.ended, self.reason = now, None
        self.face, self.faces, self.box, self.segment = face, tuple(faces), box, self.opened
        self.since, self.seen, self._candidate = self._candidate_since, now, None
        self.opened += 1

    def _end(self, reason: str) -> None:
        self.ended, self.reason = self.seen, reason
        self.box, self.face, self.faces, self.segment = None, None, (), None

"""The people in a stream: each is followed alone, and none is taken for another."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from atm_gcn.media.faces.appearance import SAME_PERSON, appearance, likeness
from atm_gcn.media.faces.choice import choose_face, from_left
from atm_gcn.media.faces.detection import MARGIN, find_faces
from atm_gcn.media.faces.face import Box, Face, crop_box, overlap

CHECK_SECONDS = 0.5  # between two detections
LOST_SECONDS = 1.5  # without a detection of the face, after which its place is given up
AGREEMENT = 0.6  # intersection over union from which two boxes are one face at one place
FARTHEST = 1.5  # sides of the face that a head may move between two detections
RETURNED = 0.85  # likeness from which somebody who was away is the same person, wherever the face appears


@dataclass(eq=False)
class Person:
    """One person in a stream.

    The place of the face changes only when the face has left it, since a place that follows every detection would move
    everything in it. A place is accepted when two detections agree. Each begins a segment; frames of different
    segments are not comparable. A segment ends when the face is at another place, is not found for a while, or is
    somebody else's.

    Attributes:
        number: From 1, in the order in which the first places were accepted, from left to right; 0 before.
        face: The face where its place was accepted; None while there is none, or for whole frames.
        faces: All faces of the frame in which it was found.
        box: The face with a margin; None likewise.
        segment: Number of the segment; None while there is none.
        opened: Segments so far.
        seen: When the person was last found at this place, in seconds. Frames up to then show nobody else there.
        replaced: Whether the last segment ended because the place shows somebody else, so that the frames after
            ``seen`` may show either.
    """

    number: int = 0
    face: Face | None = None
    faces: tuple[Face, ...] = ()
    box: Box | None = None
    segment: int | None = None
    opened: int = 0
    seen: float = -np.inf
    replaced: bool = False
    _last: Face | None = None  # where the person was last found, and the look then
    _look: np.ndarray | None = None
    _candidate: Box | None = None

    @property
    def awaits_confirmation(self) -> bool:
        """Whether there is no place yet, but the last detection found one."""
        return self.segment is None and self._candidate is not None

    @property
    def is_away(self) -> bool:
        """Whether there is no place, and none is about to be accepted."""
        return self.segment is None and self._candidate is None

    def resembles(self, face: Face, look: np.ndarray) -> float:
        """How surely a face is this person's, above 0 if it may be."""
        if self._look is None or self._last is None:
            return 0.0
        same = likeness(self._look, look)
        if self.is_away:
            return same if same >= RETURNED else 0.0
        near = np.hypot(*np.subtract(face.centre, self._last.centre)) <= FARTHEST * max(face.side, self._last.side)
        return same + overlap(face.box, self._last.box) if near and same >= SAME_PERSON else 0.0

    def find(self, face: Face, look: np.ndarray, faces: tuple[Face, ...], shape: tuple[int, ...], now: float) -> bool:
        """Note that the face was found; return whether it should be looked for again soon."""
        box = crop_box(face, shape, MARGIN)
        self._last, self._look = face, look
        if self.box is not None and overlap(box, self.box) >= AGREEMENT:
            self.seen = now
            return False
        if self._candidate is not None and overlap(box, self._candidate) >= AGREEMENT:
            self._open(face, faces, box, now)
            return False
        self._candidate = box
        return True

    def miss(self, faces: list[Face], shape: tuple[int, ...], now: float) -> None:
        """Note that the person was not found, although the frame shows ``faces``, which are others'."""
        self._candidate = None
        if self.segment is None or self.box is None:
            return
        boxes = [crop_box(face, shape, MARGIN) for face in faces]
        self.replaced = any(overlap(box, self.box) >= AGREEMENT / 2 for box in boxes)
        if self.replaced or now - self.seen > LOST_SECONDS:
            self.box, self.face, self.faces, self.segment = None, None, (), None

    def open_whole(self) -> None:
        """Take whole frames for the face."""
        self.segment, self.seen = self.opened, np.inf
        self.opened += 1

    def _open(self, face: Face, faces: tuple[Face, ...], box: Box, now: float) -> None:
        self.face, self.faces, self.box, self.segment, self.seen = face, faces, box, self.opened, now
        self._candidate, self.replaced = None, False
        self.opened += 1


@dataclass
class People:
    """Finds the people in a stream, frame by frame; every half second is searched for faces.

    Args:
        required: Whether frames without a face are skipped. Otherwise whole frames are used if the first two detections
            find none, as in a recording that shows only a face.
        detector: As for :func:`~atm_gcn.media.faces.find_faces`.
        choice: Whom to follow, as for :func:`~atm_gcn.media.faces.choose_face`. When that person is gone, the choice is
            made again, except for ``"track"``.
        everyone: Whether to follow everyone instead.

    Attributes:
        people: Who was found, and those whose place is not accepted yet; in the order of their numbers.
        searched: Frames that were searched.
    """

    required: bool = True
    detector: str = "mtcnn"
    choice: str | int = "largest"
    everyone: bool = False
    people: list[Person] = field(default_factory=list)
    searched: int = 0
    _next: float = -np.inf
    _whole: bool = False

    @property
    def followed(self) -> Person | None:
        """The person who is followed, without ``everyone``; None if nobody was found."""
        return self.people[0] if self.people else None

    def update(self, image: np.ndarray, seconds: float) -> None:
        """Process the next frame, uint8 RGB ``[H, W, 3]``."""
        if self._whole or seconds < self._next:
            return
        faces = find_faces(image, self.detector)
        self.searched += 1
        if not faces and not self.required and self.searched > 1 and not any(one.opened for one in self.people):
            self._whole = True
            self.people = [Person(number=1)]
            self.people[0].open_whole()
            return
        soon = self._match(image, faces, seconds)
        awaited = soon or not any(one.segment is not None for one in self.people)
        self._next = seconds + (CHECK_SECONDS / 5 if awaited else CHECK_SECONDS)

    def look_again(self) -> None:
        """Search the next frame for faces, as something has changed all of a sudden."""
        self._next = -np.inf

    def _match(self, image: np.ndarray, faces: list[Face], seconds: float) -> bool:
        """Give every face to the person whom it resembles most; return whether to look again soon."""
        looks = [appearance(image, face) for face in faces]
        pairs = sorted(
            (
                (person.resembles(face, look), who, which)
                for who, person in enumerate(self.people)
                for which, (face, look) in enumerate(zip(faces, looks, strict=True))
            ),
            reverse=True,
        )
        taken: dict[int, int] = {}
        for sure, who, which in pairs:
            if sure > 0 and who not in taken.values() and which not in taken:
                taken[which] = who
        strangers = [face for which, face in enumerate(faces) if which not in taken]
        for who, person in enumerate(self.people):
            if who not in taken.values():
                person.miss(strangers, image.shape, seconds)
        for face in self._chosen(strangers, faces, image.shape):  # in place of a person who is gone, without everyone
            taken[faces.index(face)] = len(self.people)
            self.people.append(Person())
        soon = [
            self.people[who].find(faces[which], looks[which], tuple(faces), image.shape, seconds)
            for which, who in taken.items()
        ]
        self._number()
        return any(soon)

    def _chosen(self, strangers: list[Face], faces: list[Face], shape: tuple[int, ...]) -> list[Face]:
        """Whom to follow from here on, of those who are followed not yet."""
        if self.everyone:
            return from_left(strangers)
        if any(not one.is_away for one in self.people) or (self.choice == "track" and self.people):
            return []
        face = choose_face(faces, self.choice, shape)
        if face is None or not any(face is one for one in strangers):
            return []
        self.people = []
        return [face]

    def _number(self) -> None:
        self.people = [one for one in self.people if one.number or not one.is_away]
        fresh = [one for one in self.people if not one.number and one.opened]
        for one in sorted(fresh, key=lambda one: one.face.centre if one.face else (0.0, 0.0)):
            one.number = 1 + max(other.number for other in self.people)
        self.people.sort(key=lambda one: one.number or len(self.people) + 1)


class PeopleAt(People):
    """People whose faces stay at known places.

    Args:
        places: The faces.
    """

    def __init__(self, places: Sequence[Face]) -> None:
        super().__init__()
        for number, face in enumerate(places, start=1):
            self.people.append(Person(number, face, tuple(places), face.box, 0, 1, np.inf))

    def update(self, image: np.ndarray, seconds: float) -> None:
        """Nothing is searched."""

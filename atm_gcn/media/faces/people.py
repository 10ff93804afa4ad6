"""The people in a stream: each is followed alone, and none is taken for another."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from atm_gcn.media.faces.appearance import appearance
from atm_gcn.media.faces.choice import choose_face, from_left
from atm_gcn.media.faces.detection import find_faces
from atm_gcn.media.faces.face import Face
from atm_gcn.media.faces.person import LOST_SECONDS, Person

CHECK_SECONDS = 0.5  # between two detections
SOON_SECONDS = 0.1  # while a place is to be accepted, or another face is near


@dataclass
class People:
    """Finds the people in a stream, frame by frame.

    Every half second is searched for faces; ten times a second, while a place is to be accepted, or a person who is
    followed is near another face or was so before being lost from sight.

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
        self._next = seconds + (SOON_SECONDS if awaited else CHECK_SECONDS)

    def look_again(self) -> None:
        """Search the next frame for faces, as something has changed all of a sudden."""
        self._next = -np.inf

    def _match(self, image: np.ndarray, faces: list[Face], seconds: float) -> bool:
        """Give every face to the person whom it resembles most; return whether to look again soon."""
        looks = [appearance(image, face) for face in faces]
        pairs = sorted(
            (
                (person.resembles(face, look, seconds), who, which)
                for who, person in enumerate(self.people)
                for which, (face, look) in enumerate(zip(faces, looks, strict=True))
            ),
            reverse=True,
        )
        taken: dict[int, int] = {}
        for sure, who, which in pairs:
            if sure > 0 and who not in taken.values() and which not in taken:
                taken[which] = who
        known = [faces[which] for which, who in taken.items() if self.people[who].number]
        for who, person in enumerate(self.people):
            if who not in taken.values():
                person.miss(faces, known, image.shape, seconds)
        strangers = [face for which, face in enumerate(faces) if which not in taken]
        for face in self._chosen(strangers, faces, image.shape, seconds):
            taken[faces.index(face)] = len(self.people)
            self.people.append(Person())
        soon = [
            self.people[who].find(faces[which], looks[which], faces, image.shape, seconds)
            for which, who in taken.items()
        ]
        self._number()
        return any(soon) or any(one.may_be_hidden(seconds) for one in self.people)

    def _chosen(self, strangers: list[Face], faces: list[Face], shape: tuple[int, ...], seconds: float) -> list[Face]:
        """Whom to follow from here on, of strangers; nobody who may be one of the people, half hidden."""
        hidden = [one for one in self.people if one.may_be_hidden(seconds)]
        strangers = [face for face in strangers if not any(one.is_near(face) for one in hidden)]
        if self.everyone:
            return from_left(strangers)
        gone = [one for one in self.people if one.is_away and not one.may_be_hidden(seconds, LOST_SECONDS)]
        if len(gone) < len(self.people) or (self.choice == "track" and self.people):
            return []
        face = choose_face(faces, self.choice, shape)
        if face is None or not any(face is one for one in strangers):
            return []
        self.people = []  # replaces the person who is gone
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
            self.people.append(Person(number, face, tuple(places), face.box, 0, 1, seen=np.inf))

    def update(self, image: np.ndarray, seconds: float) -> None:
        """Nothing is searched."""

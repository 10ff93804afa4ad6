"""Made videos in which people cross, leave and come: a track stays with one person."""

import numpy as np
import pytest

from atm_gcn.media.faces import People
from atm_gcn.media.faces.detection import find_faces
from atm_gcn.media.faces.following import HIDDEN, LOST, REPLACED, follow
from tests.media.faces.scenes import HEIGHT, SIDE, WIDTH, scene

FPS = 10


def crossing(seconds: float = 3, front: int = 1) -> list[dict[int, tuple[float, float]]]:
    """Person 0 walks to the right and person 1 to the left, one in front of the other."""
    course = np.linspace(0, 1, round(FPS * seconds))
    at = [{0: (70 + 260 * u, 75.0), 1: (330 - 260 * u, 75.0)} for u in course]
    return [{who: places[who] for who in (1 - front, front)} for places in at]


def watch(people: People, places) -> dict[int, set[int]]:
    """Whom the track of each number has shown, where its place was confirmed."""
    shown: dict[int, set[int]] = {}
    for index, at in enumerate(places):
        people.update(scene(at), index / FPS)
        for person in people.people:
            if person.box is not None and person.seen == index / FPS:
                x = person.box.x + person.box.side / 2
                near = [who for who in at if abs(at[who][0] - x) < SIDE / 2]
                if len(near) == 1:  # both are near where they cross
                    shown.setdefault(person.number, set()).update(near)
    return shown


@pytest.fixture(scope="module")
def crossed() -> tuple[People, dict[int, set[int]]]:
    people = People(everyone=True)
    return people, watch(people, crossing())


def test_no_track_jumps_to_another_person(crossed):
    _, shown = crossed
    assert shown[1] == {0} and shown[2] == {1}  # numbered from the left
    assert all(len(who) == 1 for who in shown.values())


def test_two_people_who_cross_are_two_numbers(crossed):
    people, shown = crossed
    assert shown == {1: {0}, 2: {1}} and len(people.people) == 2


def test_faces_that_are_apart_are_searched_twice_a_second():
    people = People(everyone=True)
    watch(people, [{0: (80, 75), 1: (320, 75)}] * 30)
    assert people.searched <= 8  # of 30 frames; a crossing needs more
    assert [one.number for one in people.people] == [1, 2]


def test_the_one_in_front_is_followed_throughout(crossed):
    people, _ = crossed
    front = people.people[1]
    assert front.box.x < 150 and front.opened >= 4  # a segment per place


def test_a_person_who_is_hidden_is_not_mistaken_for_the_one_in_front():
    people = People(choice="track")
    shown = watch(people, crossing(front=0))
    assert shown == {1: {1}} and people.followed.opened >= 2  # the largest face in the first frame


def test_somebody_leaves_and_somebody_turns_up():
    people = People(everyone=True)
    stays, leaves = {2: (100, 75)}, {3: (300, 75)}
    shown = watch(people, [stays | leaves] * 3 + [stays] * 18 + [stays | {4: (300, 75)}] * 10)
    assert [shown[number] for number in (1, 2, 3)] == [{2}, {3}, {4}]
    assert people.people[1].is_away and people.people[0].opened == 1


def pictures(places) -> list[np.ndarray]:
    return [scene(at) for at in places]


def first_face(frame: np.ndarray):
    return min(find_faces(frame), key=lambda face: face.centre)


def test_a_face_that_stays_is_followed():
    frames = pictures([{0: (100 + index / 4, 75), 1: (300, 75)} for index in range(12)])
    assert follow(iter(frames), first_face(frames[0])) is None


@pytest.mark.parametrize(
    ("later", "reason"),
    [({1: (300, 75)}, LOST), ({0: (160, 75)}, LOST), ({2: (100, 75)}, REPLACED)],
    ids=["leaves", "moves", "another"],
)
def test_why_a_face_is_not_followed(later, reason):
    frames = iter(pictures([{0: (100, 75)}] * 4 + [later] * 8))
    assert follow(frames, first_face(scene({0: (100, 75)}))) == reason
    assert len(list(frames)) > 0  # no more is read than is needed


def test_two_faces_at_one_place(monkeypatch):
    frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    face = first_face(scene({0: (100, 75)}))
    monkeypatch.setattr("atm_gcn.media.faces.following.find_faces", lambda *_: [face, face.moved(4, 0)])
    assert follow([frame], face) == HIDDEN

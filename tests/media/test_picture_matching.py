"""Copies of a recording are found by their pictures, and people are distinguished."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from atm_gcn.media.picture_matching import THRESHOLD, Span, find_matches, thumbnails
from atm_gcn.synth.face.identity import sample_identity
from atm_gcn.synth.face.portrait import draw_portrait

SIZE = 96


def person(number: int, studio: bool = False) -> np.ndarray:
    """A drawn person; in one studio all have the same backdrop, clothes and light."""
    who, first = sample_identity(1, number), sample_identity(1, 0)
    if studio:
        who = replace(who, backdrop=first.backdrop, clothes=first.clothes, light=first.light, ambient=first.ambient)
    return draw_portrait(who, SIZE)


def recorded(face: np.ndarray, frames: int = 6, seed: int = 0) -> np.ndarray:
    """A face that is pushed sideways, one pixel a frame, by a noisy camera."""
    noise = np.random.default_rng(seed).normal(0, 2, (frames, SIZE, SIZE, 3))
    moved = np.stack([np.roll(face, number, axis=1) for number in range(frames)])
    return (moved + noise).clip(0, 255).astype(np.uint8)


def encoded(frames: np.ndarray, quality: int = 40) -> np.ndarray:
    jpeg = [cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])[1] for frame in frames]
    return np.stack([cv2.imdecode(one, cv2.IMREAD_COLOR) for one in jpeg])


def resized(frames: np.ndarray, side: int) -> np.ndarray:
    return np.stack([cv2.resize(cv2.resize(frame, (side, side)), (SIZE, SIZE)) for frame in frames])


def matches(*clips: np.ndarray, align: bool = False):
    spans, first = [], 0
    for clip in clips:
        spans.append(Span(first, len(clip), len(clip) // 2))
        first += len(clip)
    pictures = thumbnails(np.concatenate(clips))
    found = find_matches(pictures, spans, range(len(clips)), (lambda clip, row: clips[clip][row]) if align else None)
    return [(match.first, match.second) for match in found]


@pytest.fixture(scope="module")
def people():
    return [recorded(person(number), seed=number) for number in range(5)]


CHANGES = {
    "compression": encoded,
    "size": lambda frames: resized(frames, 64),
    "brightness": lambda frames: np.clip(frames * 0.8 + 35, 0, 255).astype(np.uint8),
    "noise": lambda frames: recorded(frames[0], seed=9),
    "grey": lambda frames: np.repeat(frames.mean(-1, keepdims=True).astype(np.uint8), 3, -1),
    "all of them": lambda frames: encoded(np.clip(resized(frames, 72) * 0.9 + 20, 0, 255).astype(np.uint8), 60),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_copies_are_found(people, change):
    assert matches(*people, CHANGES[change](people[2])) == [(2, 5)]


def test_a_copy_that_begins_later_is_found(people):
    assert matches(*people, encoded(people[1][2:])) == [(1, 5)]


def test_people_are_distinguished(people):
    assert matches(*people) == []


def test_people_in_one_studio_are_distinguished():
    assert matches(*(recorded(person(number, studio=True), seed=number) for number in range(6))) == []


def test_clips_of_one_person_are_no_matter(people):
    pictures = thumbnails(np.concatenate([people[0], people[0]]))
    assert find_matches(pictures, [Span(0, 6, 3), Span(6, 6, 3)], ["a", "a"]) == []


def test_crops_of_one_face_are_brought_over_each_other(people):
    loose = np.stack([cv2.resize(frame[2:94, 1:93], (SIZE, SIZE)) for frame in people[3]])
    assert matches(*people, loose, align=True) == [(3, 5)]
    assert matches(*people, align=True) == []


def test_blank_pictures_say_nothing():
    grey, dim = np.full((4, SIZE, SIZE, 3), 128, np.uint8), np.full((4, SIZE, SIZE, 3), 30, np.uint8)
    assert matches(grey, dim, grey) == []
    assert THRESHOLD < 1
    one, other = (np.concatenate([grey, recorded(person(number))]) for number in (7, 11))
    assert matches(one, other) == []  # two who are alike enough to be compared closely
    assert matches(recorded(grey[0], 4, seed=1), recorded(grey[0], 4, seed=2)) == []  # noise alone

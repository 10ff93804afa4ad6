"""Clips of different people with equal or nearly equal features: copies, or excerpts of one recording.

Rows whose values are all the same, such as padding, are ignored. Features of few values, such as action units that are
there or not, are often equal by chance: rows of more than two people count only where whole clips are equal.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np

TOLERANCE = 1e-3
"""Distance of two rows, relative to their length, up to which they are nearly equal; columns are standardised."""
SHARE = 0.5  # of the rows of the shorter clip that must be equal
LEAST_ROWS = 3
LEAST_NUMBERS = 8  # rows times features
SAMPLED = 32  # rows of a clip that are compared for near equality, evenly spread
BLOCK = 4096  # rows, or pairs of rows, that are compared at once
PROJECTED = 32  # dimensions of the first, rough comparison
TINY = 1e-12  # keeps the inverse of a length finite
ROUGHLY = 1e-2  # relative distance up to which rows are compared exactly


class EqualFeatures(NamedTuple):
    """Two clips of different people.

    Args:
        first: Position of one clip.
        second: Position of a later one.
        rows: Number of rows of the shorter clip that are equal or nearly equal; 0 if the whole clips are equal.
        of: Number of compared rows of the shorter clip.
    """

    first: int
    second: int
    rows: int
    of: int


def equal_clips(clips: Sequence[np.ndarray], people: Sequence[str]) -> Iterator[EqualFeatures]:
    """Clips of different people that are equal in every row, unless no row varies.

    Args:
        clips: ``[L, C]`` features of each.
        people: Whom each shows.
    """
    positions: dict[bytes, list[int]] = defaultdict(list)
    for position, rows in enumerate(clips):
        if varied(rows).any():
            positions[hashlib.sha256(repr(rows.shape).encode() + rows.tobytes()).digest()].append(position)
    for own in positions.values():
        other = next((position for position in own if people[position] != people[own[0]]), None)
        if other is not None:
            yield EqualFeatures(own[0], other, 0, len(clips[own[0]]))


def shared_rows(clips: Sequence[np.ndarray], people: Sequence[str]) -> Iterator[EqualFeatures]:
    """Pairs of clips of different people of which the shorter has half of its rows in the other one, or nearly so."""
    every = np.concatenate(clips).astype(np.float64)
    spread = every.std(axis=0)
    used = spread > 0
    if not used.any():
        return
    scaled = [(rows[:, used] - every.mean(axis=0)[used]) / spread[used] for rows in clips]
    found: dict[tuple[int, int], dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for (i, row), (j, other) in _equal_rows(clips, people):
        _add(found, i, row, j, other)
    sampled = [_sampled(rows) for rows in clips]
    for (i, row), (j, other) in _near_rows(scaled, sampled, people):
        _add(found, i, row, j, other)
    for (i, j), rows in sorted(found.items()):
        shorter = "first" if len(clips[i]) <= len(clips[j]) else "second"
        own = clips[i if shorter == "first" else j]
        matched, compared = len(rows[shorter]), int(varied(own).sum())
        distinct = len(np.unique(own[sorted(rows[shorter])], axis=0))
        few = min(compared, SAMPLED)
        enough = distinct >= min(LEAST_ROWS, compared) and matched * int(used.sum()) >= LEAST_NUMBERS
        if enough and matched >= SHARE * few:
            yield EqualFeatures(i, j, matched, compared)


def varied(rows: np.ndarray) -> np.ndarray:
    """Which rows are not all one value; of single features, which are not 0."""
    return (rows != rows[:, :1]).any(axis=1) if rows.shape[1] > 1 else rows[:, 0] != 0


def _add(found: dict, i: int, row: int, j: int, other: int) -> None:
    pair = found[min(i, j), max(i, j)]
    pair["first"].add(row if i < j else other)
    pair["second"].add(other if i < j else row)


def _sampled(rows: np.ndarray) -> np.ndarray:
    own = np.flatnonzero(varied(rows))
    return own[np.unique(np.linspace(0, len(own) - 1, min(len(own), SAMPLED)).round().astype(int))] if len(own) else own


def _equal_rows(
    clips: Sequence[np.ndarray], people: Sequence[str]
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Equal rows of two people and no more."""
    places: dict[bytes, list[tuple[int, int]]] = defaultdict(list)
    for clip, rows in enumerate(clips):
        for row in np.flatnonzero(varied(rows)):
            places[rows[row].tobytes()].append((clip, int(row)))
    for own in places.values():
        if len({people[clip] for clip, _ in own}) == 2:
            yield from (pair for pair in combinations(own, 2) if people[pair[0][0]] != people[pair[1][0]])


def _near_rows(
    scaled: Sequence[np.ndarray], sampled: Sequence[np.ndarray], people: Sequence[str]
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Sampled rows of different people that are nearly but not exactly equal."""
    places = [(clip, int(row)) for clip, own in enumerate(sampled) for row in own]
    places.sort(key=lambda place: people[place[0]])
    if not places:
        return
    rows = np.stack([scaled[clip][row] for clip, row in places])
    lengths = np.linalg.norm(rows, axis=1)
    left, right = _factors(rows, lengths)
    owners = [people[clip] for clip, _ in places]
    ends = [place for place in range(1, len(owners) + 1) if place == len(owners) or owners[place] != owners[place - 1]]
    for start, end in pairwise([0, *ends]):
        for first in range(end, len(rows), BLOCK):  # rows of later people
            apart = left[start:end] @ right[first : first + BLOCK].T
            ours, theirs = np.nonzero(apart < ROUGHLY**2)
            for i, j in _verified(rows, lengths, ours + start, theirs + first):
                yield places[i], places[j]


def _factors(rows: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two float32 matrices whose product is the squared distance of two rows, relative to the first one's length.

    Wide rows are projected, which changes distances little and takes a fraction of the time.
    """
    if rows.shape[1] > PROJECTED:
        axes = np.random.default_rng(0).normal(size=(rows.shape[1], PROJECTED)) / math.sqrt(PROJECTED)
        rows = rows @ axes
        lengths = np.linalg.norm(rows, axis=1)
    squares, ones = np.maximum(lengths[:, None] ** 2, TINY), np.ones((len(rows), 1))
    left = np.concatenate([-2 * rows / squares, ones, 1 / squares], axis=1)
    return left.astype(np.float32), np.concatenate([rows, ones, squares], axis=1).astype(np.float32)


def _verified(rows: np.ndarray, lengths: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> Iterator[tuple[int, int]]:
    for first in range(0, len(ours), BLOCK):
        i, j = ours[first : first + BLOCK], theirs[first : first + BLOCK]
        apart = np.linalg.norm(rows[i] - rows[j], axis=1)
        near = (apart > 0) & (apart <= TOLERANCE * lengths[i])
        yield from zip(i[near].tolist(), j[near].tolist(), strict=True)

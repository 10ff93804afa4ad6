"""Which found interval is which annotated one."""

from collections.abc import Sequence
from typing import NamedTuple

from atm_gcn.metrics.spotting.interval import Interval

IOU = 0.5
"""Intersection over union from which a found interval is right."""


class Match(NamedTuple):
    """A found interval that is right.

    Args:
        truth: What was annotated.
        predicted: What was found.
        iou: Their intersection over union.
    """

    truth: Interval
    predicted: Interval
    iou: float


class Matched(NamedTuple):
    """The intervals of one video and kind.

    Args:
        matches: Pairs of an annotated and a found interval.
        false: Found intervals without an annotated one.
        missed: Annotated intervals that were not found.
    """

    matches: list[Match]
    false: list[Interval]
    missed: list[Interval]


def intersection_over_union(one: Interval, other: Interval) -> float:
    """Frames in both intervals over frames in either; first and last frames are counted."""
    shared = min(one.offset, other.offset) - max(one.onset, other.onset) + 1
    if shared <= 0:
        return 0.0
    return shared / (one.offset - one.onset + other.offset - other.onset + 2 - shared)


def match_intervals(truth: Sequence[Interval], predicted: Sequence[Interval], iou: float = IOU) -> Matched:
    """Match the intervals of one video, each at most once: the pair with the best intersection over union first.

    Of equally good pairs, the one that begins first is taken.

    Args:
        truth: Annotated intervals.
        predicted: Found intervals.
        iou: Least intersection over union of a pair, itself included.
    """
    pairs = [
        (-overlap, one.onset, other.onset, number, found)
        for number, one in enumerate(truth)
        for found, other in enumerate(predicted)
        if (overlap := intersection_over_union(one, other)) >= iou
    ]
    taken: dict[int, tuple[int, float]] = {}  # annotated interval -> found one
    for overlap, _, _, number, found in sorted(pairs):
        if number not in taken and all(found != other for other, _ in taken.values()):
            taken[number] = found, -overlap
    matches = [Match(truth[number], predicted[found], overlap) for number, (found, overlap) in sorted(taken.items())]
    used = {found for found, _ in taken.values()}
    return Matched(
        matches,
        [other for found, other in enumerate(predicted) if found not in used],
        [one for number, one in enumerate(truth) if number not in taken],
    )

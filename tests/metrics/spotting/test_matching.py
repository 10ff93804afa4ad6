"""Which found interval is right: by hand, and by trying every matching."""

import itertools
import random

import pytest

from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics.spotting import Interval, intersection_over_union, match_intervals


def of(*ends):
    return [Interval("v", onset, offset) for onset, offset in ends]


@pytest.mark.parametrize(
    ("one", "other", "iou"),
    [
        ((10, 19), (10, 19), 1.0),
        ((10, 19), (20, 29), 0.0),  # they touch
        ((10, 20), (20, 30), 1 / 21),  # they share a frame
        ((10, 19), (10, 29), 0.5),
        ((5, 5), (5, 5), 1.0),
        ((0, 99), (40, 49), 0.1),
        ((-5, 4), (0, 9), 5 / 15),
    ],
)
def test_intersection_over_union_counts_both_ends(one, other, iou):
    first, second = of(one, other)
    assert intersection_over_union(first, second) == intersection_over_union(second, first) == pytest.approx(iou)


def test_exactly_half_is_enough():
    assert len(match_intervals(of((10, 19)), of((10, 29))).matches) == 1
    assert match_intervals(of((10, 19)), of((10, 30))).matches == []


def test_each_is_matched_once_and_the_best_first():
    truth, found = of((10, 29), (22, 41)), of((12, 31), (10, 29))
    matched = match_intervals(truth, found)
    assert [(one.truth, one.predicted) for one in matched.matches] == [(truth[0], found[1])]
    assert matched.false == [found[0]] and matched.missed == [truth[1]]


def test_a_prediction_made_twice_is_once_false():
    matched = match_intervals(of((10, 19)), of((10, 19), (10, 19)))
    assert (len(matched.matches), len(matched.false), len(matched.missed)) == (1, 1, 0)


def test_one_prediction_finds_one_of_two_expressions():
    matched = match_intervals(of((10, 29), (12, 31)), of((11, 30)))
    assert (len(matched.matches), len(matched.false), len(matched.missed)) == (1, 0, 1)
    assert matched.matches[0].truth.onset == 10  # of equally good pairs that which begins first


@pytest.mark.parametrize(("truth", "found"), [([], [(1, 2)]), ([(1, 2)], []), ([], [])])
def test_nothing_on_one_side(truth, found):
    matched = match_intervals(of(*truth), of(*found))
    assert (len(matched.false), len(matched.missed)) == (len(found), len(truth)) and matched.matches == []


def all_matchings(pairs):
    """Every set of pairs in which no interval occurs twice."""
    for size in range(len(pairs) + 1):
        for chosen in itertools.combinations(pairs, size):
            if len({t for t, _ in chosen}) == len({p for _, p in chosen}) == size:
                yield chosen


def test_agrees_with_the_largest_matching_where_there_is_one():
    draw, compared = random.Random(0), 0
    for _ in range(300):
        truth, found = (
            [(onset, onset + draw.randint(3, 12)) for onset in (draw.randint(0, 40) for _ in range(draw.randint(1, 4)))]
            for _ in range(2)
        )
        near = [
            (t, p)
            for t, one in enumerate(of(*truth))
            for p, other in enumerate(of(*found))
            if intersection_over_union(one, other) >= 0.5
        ]
        matchings = sorted(all_matchings(near), key=len)
        largest = [set(one) for one in matchings if len(one) == len(matchings[-1])]
        if len(largest) > 1 or len({*truth}) < len(truth) or len({*found}) < len(found):
            continue
        compared += 1
        chosen = match_intervals(of(*truth), of(*found)).matches
        ours = {
            (truth.index((m.truth.onset, m.truth.offset)), found.index((m.predicted.onset, m.predicted.offset)))
            for m in chosen
        }
        contested = len(near) > len(largest[0])  # then the best pair may stand in the way of the largest matching
        assert ours == largest[0] or contested
    assert compared > 200


def test_impossible_intervals_are_refused():
    with pytest.raises(ATMGCNError, match="offset 9 is before onset 10"):
        Interval("v", 10, 9)
    with pytest.raises(ATMGCNError, match="kind must be micro or macro, not 'mini'"):
        Interval("v", 1, 2, kind="mini")

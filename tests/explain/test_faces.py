import numpy as np
import pytest

from atm_gcn.explain.faces import choose_frames, title_of


@pytest.mark.parametrize(
    ("length", "apex", "count", "expected"),
    [
        (11, 5, 5, [1, 3, 5, 8, 10]),
        (11, 4, 5, [1, 4, 6, 8, 10]),
        (11, 10, 5, [1, 3, 6, 8, 10]),
        (11, 1, 5, [1, 3, 6, 8, 10]),
        (3, 1, 5, [1, 2]),
        (2, 1, 5, [1]),
        (40, 7, 1, [7]),
        (40, 20, 2, [20, 39]),
    ],
)
def test_frames_are_even_in_time_and_show_the_apex(length, apex, count, expected):
    assert choose_frames(length, apex, count).tolist() == expected


def test_frames_are_distinct_and_in_order():
    for length in range(2, 40):
        for apex in range(1, length):
            for count in range(1, 13):
                chosen = choose_frames(length, apex, count)
                assert len(chosen) == min(count, length - 1) and apex in chosen
                assert (np.diff(chosen) > 0).all() and chosen[0] >= 1 and chosen[-1] < length


def test_a_title_says_when_and_what(explained):
    assert [title_of(position, explained) for position in (0, 1, 3, 6)] == [
        "onset\n0 ms",
        "\n33 ms",
        "apex\n100 ms",
        "offset\n200 ms",
    ]

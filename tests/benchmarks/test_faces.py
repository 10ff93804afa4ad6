"""The benchmark of face detectors, on a few pictures."""

import numpy as np
import pytest

from benchmarks.common.machine import describe
from benchmarks.data.faces import Results, background, measure, portraits, small_faces, table

DETECTORS = ["mtcnn", "haar"]


@pytest.fixture(scope="module")
def results() -> Results:
    cases = [
        measure("small", list(small_faces(1, 96)), DETECTORS),
        measure("turned", list(portraits(2, 160, 30)), DETECTORS),
        measure("none", [(background(number), None) for number in range(3)], DETECTORS),
    ]
    return Results(machine=describe(), people=2, cases=cases)


def test_found_of_how_many(results):
    small, turned, none = (case.outcomes for case in results.cases)
    assert small["mtcnn"].found == 1 and turned["mtcnn"].found == 2 and turned["haar"].found == 0
    assert turned["mtcnn"].eye_error < 0.1 and turned["haar"].eye_error is None
    assert none["mtcnn"].found is None and none["mtcnn"].shown == none["mtcnn"].others == 0
    assert "| turned (2) | 2 of 2 | 0 |" in table(results)


def test_a_turned_face_is_where_it_is_said_to_be():
    (upright, eyes), (turned, places) = next(portraits(1, 160)), next(portraits(1, 160, 90))
    assert np.corrcoef(np.rot90(upright)[20:140, 20:140].ravel(), turned[20:140, 20:140].ravel())[0, 1] > 0.9
    assert places == pytest.approx(np.stack([eyes[:, 1], 160 - eyes[:, 0]], axis=-1), abs=1)

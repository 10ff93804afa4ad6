"""The tracker of one face."""

import numpy as np
import pytest

from atm_gcn.media.faces import Box, FaceTracker
from tests.media.faces.scenes import scene


def test_segments_are_counted_over_people():
    tracker, seen = FaceTracker(required=True, detector="mtcnn"), []
    for index, at in enumerate([{0: (100, 75)}] * 2 + [{}] * 5 + [{2: (280, 75)}] * 2):
        x = next(iter(at.values()), (100, 75))[0]
        tracker.update(scene(at), index / 2)
        seen.append((tracker.segment, tracker.box and abs(tracker.box.x + tracker.box.side / 2 - x) < 20))
    assert seen == [(None, None), *[(0, True)] * 4, *[(None, None)] * 3, (1, True)]
    assert tracker.opened == 2 and tracker.searched == 9 and tracker.face.box == Box(*tracker.face.box)


@pytest.mark.parametrize("required", [True, False])
def test_whole_pictures_without_a_face(required):
    tracker = FaceTracker(required)
    for second in range(3):
        tracker.update(np.full((60, 60, 3), 90, np.uint8), float(second))
    assert tracker.segment == (None if required else 0) and tracker.box is None and not tracker.awaits_confirmation

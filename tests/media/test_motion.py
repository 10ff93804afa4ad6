"""Motion that comes and goes is separated from drift, light and blinks, and its limits are found."""

import cv2
import numpy as np

from atm_gcn.media.apex import SIDE
from atm_gcn.media.motion import EYES, course_of, interval_of, transient


def texture(seed=0):
    noise = np.random.default_rng(seed).normal(0, 500, (SIDE, SIDE)).astype(np.float32)
    return 120 + cv2.GaussianBlur(noise, (0, 0), 4)


def moved(grey, dx, centre=(0.5, 0.8), radius=0.1):
    """The picture with a patch moved to the right by ``dx`` pixels."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    patch = np.exp(-0.5 * (((x / SIDE - centre[0]) / radius) ** 2 + ((y / SIDE - centre[1]) / radius) ** 2))
    return cv2.remap(grey, (x - dx * patch).astype(np.float32), y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def test_a_brief_movement_counts_and_drift_and_light_do_not():
    grey = texture()
    step = np.float32([[1, 0, 0.5], [0, 1, 0]])
    shifted = cv2.warpAffine(grey, step, (SIDE, SIDE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    brief = transient(grey, moved(grey, 1.5), grey).magnitude
    drift = transient(grey, shifted, grey)
    light = transient(grey, 1.05 * grey + 3, grey).magnitude
    assert brief > 4 * drift.magnitude
    assert brief > 20 * light
    assert 0.4 < drift.head < 0.6


def test_a_change_that_stays_counts_half():
    grey = texture(1)
    brief, stays = transient(grey, moved(grey, 1), grey), transient(grey, moved(grey, 1), moved(grey, 1))
    assert 0.4 < stays.magnitude / brief.magnitude < 0.6


def test_the_eyes_do_not_count():
    grey = texture(2)
    blink = transient(grey, moved(grey, 2, EYES[0], 0.03), grey).magnitude
    assert transient(grey, moved(grey, 2, (0.5, 0.8), 0.03), grey).magnitude > 5 * blink


def test_onset_and_offset_are_where_the_movement_begins_and_ends():
    grey, strength = texture(3), np.zeros(31)
    strength[10:22] = np.sin(np.linspace(0, np.pi, 12)) ** 2
    rng = np.random.default_rng(0)
    clip = np.stack([moved(grey, 2 * s) + rng.normal(0, 0.3, grey.shape).astype(np.float32) for s in strength])
    course = course_of(clip, 15, rest=(7, 23))
    assert course[15] == 1
    onset, offset = interval_of(course, 15)
    assert abs(onset - 10) <= 2
    assert abs(offset - 21) <= 2


def test_what_does_not_come_back_has_no_limits():
    assert interval_of(np.array([0, 0.5, 1, 0.9, 0.8]), 2) is None
    assert interval_of(np.array([0, 0.5, 1, 0.4, 0.0]), 2) == (0, 4)

"""Every peak of the motion curve above its threshold is a movement, or recorded with why it is none."""

import cv2
import numpy as np
import pytest

from atm_gcn.inference.prediction import DROP_REASONS, DroppedPeak
from atm_gcn.inference.spotting import spotter as spotter_module
from atm_gcn.inference.spotting.why_nothing import count_reasons
from atm_gcn.media.sources import Frame
from tests.inference.spotting.streams import WholeFrames

SECONDS = 8.0
COARSE = np.random.default_rng(0).integers(60, 180, (24, 24, 3)).astype(np.uint8)
FACE = cv2.resize(COARSE, (96, 96), interpolation=cv2.INTER_CUBIC).astype(int)


def pulse(at, half):
    """Strength over time of a movement that rises and falls within ``half`` seconds of ``at``."""
    return lambda seconds: max(0.0, 1 - abs(seconds - at) / half)


def spotted(strength):
    """Apex times of the movements, and the peaks that were dropped, where a patch brightens by ``strength``."""
    whole, rng = WholeFrames(stride=0), np.random.default_rng(1)
    windows = []
    for number in range(round(30 * SECONDS)):
        image = FACE + rng.integers(-2, 3, FACE.shape)
        image[60:84, 20:60] += round(40 * strength(number / 30))
        windows += whole.process(Frame(number, number / 30, image.clip(0, 255).astype(np.uint8)))
    return [window.peak.seconds for window in windows + list(whole.spotter.finish())], whole.spotter


def main_reasons(spotter):
    return [peak.reason for peak in spotter.dropped if peak.reason != "stronger-motion-near"]


def test_echoes_of_a_movement_are_named_with_it():
    apexes, spotter = spotted(pulse(4, 0.2))
    assert apexes == [pytest.approx(4.0)] and main_reasons(spotter) == []
    assert [peak.seconds for peak in spotter.dropped] == pytest.approx([3.77, 4.23], abs=0.05)
    assert {peak.detail for peak in spotter.dropped} == {"stronger motion at 4.00 s"}
    assert all(peak.ratio > 1 for peak in spotter.dropped)


@pytest.mark.parametrize(
    ("strength", "constant", "reason", "detail"),
    [
        (lambda seconds: float(seconds > 4), {}, "no-rest", "no rest within 0.5 s before it"),
        (pulse(7.8, 0.3), {}, "near-edge", "0.20 s from the end of the recording"),
        (pulse(0.3, 0.35), {}, "near-edge", "0.20 s from the beginning of the recording"),
        (pulse(4, 0.2), {"LONGEST_SECONDS": 0.1}, "too-long", "lasts 0.40 s, longer than a micro-expression"),
        (pulse(4, 0.2), {"HEAD_PIXELS": 0.0}, "head-motion", "the head moves by 0."),
    ],
)
def test_why_a_peak_is_no_movement(monkeypatch, strength, constant, reason, detail):
    for name, value in constant.items():
        monkeypatch.setattr(spotter_module, name, value)
    apexes, spotter = spotted(strength)
    assert apexes == [] and main_reasons(spotter) == [reason]
    assert next(peak for peak in spotter.dropped if peak.reason == reason).detail.startswith(detail)


def test_every_local_maximum_above_the_threshold_is_accounted_for():
    pulses = [pulse(2, 0.2), pulse(4, 0.12), pulse(4.3, 0.1)]
    apexes, spotter = spotted(lambda seconds: sum(one(seconds) for one in pulses))
    curve = spotter.curve
    above = [i for i in range(len(curve)) if curve.motion[i] > curve.threshold[i] and curve.is_local_maximum(i)]
    assert sorted(curve.seconds[i] for i in above) == sorted(apexes + [peak.seconds for peak in spotter.dropped])


def test_reasons_are_counted():
    assert count_reasons([]) == ""
    peaks = [DroppedPeak(1, 0.1, 2.0, 1.0, reason, "") for reason in ("near-edge", "head-motion", "near-edge")]
    assert count_reasons(peaks) == "the head moves too fast (1), too near to the beginning or end (2)"
    assert all(count_reasons([DroppedPeak(1, 0.1, 2.0, 1.0, reason, "")]) for reason in DROP_REASONS)

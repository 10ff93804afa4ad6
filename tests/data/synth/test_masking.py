"""Masked clips: two movements of equal standing, of which the first is the class."""

from dataclasses import replace

import numpy as np
import pytest

from atm_gcn.data.synth import DIFFICULTIES, Recording, synthesize
from atm_gcn.data.synth.action_units import CLASSES
from atm_gcn.data.synth.animate import plan_scene
from atm_gcn.data.synth.identity import sample_identity
from atm_gcn.errors import ATMGCNError

HARD = DIFFICULTIES["hard"]
EMOTIONS = list(CLASSES[3].values())
FACE = sample_identity(0, 0).landmarks


def scenes(how=HARD, count=60):
    """Clips of disgust, each with the number of muscles that are its own."""
    own = len(plan_scene(FACE, "disgust", [], Recording(), (0, 0, 0)).muscles)
    return own, [plan_scene(FACE, "disgust", ["happiness"], how, (0, 0, clip)) for clip in range(count)]


def test_the_own_movement_peaks_before_its_mask():
    own, clips = scenes()
    for scene in clips:
        first, second = (part.mean(axis=1) for part in (scene.strengths[:, :own], scene.strengths[:, own:]))
        assert first.argmax() < second.argmax()
        assert scene.onset < scene.apex < scene.offset
        assert not scene.strengths[0].any() and not scene.strengths[-1].any()


def test_the_apex_shows_both_and_neither_is_always_stronger():
    own, clips = scenes(replace(HARD, apex_error=0))
    stronger = []
    for scene in clips:
        at_apex = scene.strengths[scene.apex - scene.first]
        stronger.append(at_apex[own:].mean() > at_apex[:own].mean())
    assert 0.25 < np.mean(stronger) < 0.75


def test_the_annotated_apex_errs_as_much_as_asked_for():
    errors = []
    for scene, exact in zip(scenes()[1], scenes(replace(HARD, apex_error=0))[1], strict=True):
        errors.append((scene.apex - exact.apex) / (scene.offset - scene.onset))
    assert 0.1 < max(np.abs(errors)) < 0.25


def test_when_it_starts_is_no_constant():
    own, clips = scenes()
    starts = [
        np.flatnonzero(scene.strengths[:, :own].any(axis=1))[0] - (s.onset - s.first)
        for scene in clips
        for s in [scene]
    ]
    assert np.ptp(starts) >= 5


def test_all_but_the_movements_is_the_same_for_every_class():
    clips = [plan_scene(FACE, emotion, [e for e in EMOTIONS if e != emotion], HARD, (0, 0, 5)) for emotion in EMOTIONS]
    for scene in clips[1:]:
        assert (scene.first, scene.onset, scene.offset) == (clips[0].first, clips[0].onset, clips[0].offset)
        np.testing.assert_array_equal(scene.disturbance.strengths, clips[0].disturbance.strengths)


def test_the_mask_leaves_the_rest_of_the_clip_as_it_was():
    plain = plan_scene(FACE, "disgust", ["fear"], replace(HARD, mask=None), (0, 0, 5))
    masked = plan_scene(FACE, "disgust", ["fear"], HARD, (0, 0, 5))
    assert masked.muscles[: len(plain.muscles)] == plain.muscles
    np.testing.assert_array_equal(masked.disturbance.shift, plain.disturbance.shift)


@pytest.mark.parametrize("wrong", [{"mask": (1.4, 0.7)}, {"mask": (1, 1), "lag": (0, 1)}, {"mask": (1, 1), "slack": 1}])
def test_settings_that_do_not_fit(tmp_path, wrong):
    with pytest.raises(ATMGCNError, match="the smaller first, and slack below 1"):
        synthesize(tmp_path / "clips", 1, 3, size=64, recording=Recording(**wrong))

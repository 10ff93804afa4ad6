import numpy as np
import pytest

from atm_gcn.data.synth.action_units import ACTION_UNITS, CLASSES, EMOTIONS
from atm_gcn.data.synth.animate import plan_scene
from atm_gcn.data.synth.identity import sample_identity
from atm_gcn.data.synth.landmarks import PROPORTIONS, from_eyes
from atm_gcn.data.synth.movement import Bump, expression, moved_region, movement_field, muscle
from atm_gcn.data.synth.recording import REFERENCE, Recording
from atm_gcn.data.synth.timing import course

FACE = from_eyes((0.375, 0.45), (0.625, 0.45))


def at(field: np.ndarray, point: tuple[float, float]) -> np.ndarray:
    return field[int(point[1] * len(field)), int(point[0] * len(field))]


def test_field_peaks_at_its_bump_and_scales_with_the_picture():
    bump = Bump(x=0.25, y=0.75, radius_x=0.1, radius_y=0.05, dx=0.01, dy=-0.02)
    for size in (64, 224):
        field = movement_field([bump], size)
        peak = np.unravel_index(np.linalg.norm(field, axis=-1).argmax(), (size, size))
        np.testing.assert_allclose(np.array(peak) / size, (0.75, 0.25), atol=1 / size)
        np.testing.assert_allclose(field[peak], (0.01 * size, -0.02 * size), rtol=0.02)
        assert np.abs(field[0]).max() < 1e-6
        assert moved_region([bump], size)[peak]


def test_action_units_pull_their_landmarks_the_right_way():
    expected = {
        ("1", "brow_in"): (0, -1),
        ("12", "mouth_corner"): (1, -1),
        ("4", "brow_in"): (-1, 1),
        ("26", "chin"): (0, 1),
    }
    for (unit, point), (outwards, down) in expected.items():
        for side, sign in (("left", -1), ("right", 1)):
            dx, dy = at(movement_field(muscle(FACE, unit, side, 0.01), 224), FACE.at(point, side))
            assert np.sign(np.round(sign * dx, 2)) == outwards
            assert np.sign(dy) == down


def test_a_tilted_face_moves_along_its_own_axes():
    tilted = from_eyes((0.375, 0.40), (0.625, 0.50))
    bump = muscle(tilted, "1", "right", 0.01)[0]
    up = np.array((bump.dx, bump.dy)) / np.hypot(bump.dx, bump.dy)
    np.testing.assert_allclose(up @ np.array(tilted.axis), 0, atol=1e-9)
    assert up[1] < 0


def test_local_coordinates_invert_the_landmarks():
    tilted = from_eyes((0.375, 0.40), (0.625, 0.50))
    for name, point in PROPORTIONS.items():
        np.testing.assert_allclose(tilted.local(*tilted.at(name, "right")), point, atol=1e-9)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_every_expression_has_the_amplitude_asked_for(emotion):
    muscles = expression(FACE, emotion, EMOTIONS[emotion], 3 / REFERENCE, np.random.default_rng(0))
    distance = np.linalg.norm(movement_field([bump for bumps in muscles for bump in bumps], 224), axis=-1)
    assert distance.max() == pytest.approx(3, rel=0.02)


def test_classes_are_made_of_known_units_and_differ():
    for labels in CLASSES.values():
        units = [EMOTIONS[emotion] for emotion in labels.values()]
        assert len(set(units)) == len(labels)
        assert all(unit in ACTION_UNITS for those in units for unit in those)


def test_course_is_still_outside_and_peaks_at_the_apex():
    t = np.linspace(-0.5, 1.5, 201)
    strength = course(t, apex=0.4, rise=0.8, fall=1.3)
    assert strength.max() == 1 and t[strength.argmax()] == pytest.approx(0.4)
    assert not strength[(t <= 0) | (t >= 1)].any()


def test_all_but_the_movement_is_the_same_for_every_class():
    face = sample_identity(0, 0).landmarks
    scenes = [plan_scene(face, emotion, ["fear"], Recording(), (0, 0, 5)) for emotion in EMOTIONS]
    for scene in scenes[1:]:
        assert (scene.first, scene.onset, scene.offset) == (scenes[0].first, scenes[0].onset, scenes[0].offset)
        for name in ("brightness", "shift", "turn", "zoom", "closure", "strengths"):
            np.testing.assert_array_equal(getattr(scene.disturbance, name), getattr(scenes[0].disturbance, name))
        assert scene.disturbance.muscles == scenes[0].disturbance.muscles

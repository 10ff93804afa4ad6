"""Known maps of a head are found to a small fraction of a pixel, whatever else changes in the face."""

import numpy as np
import pytest

from atm_gcn.media.picture_transform import PictureTransform
from atm_gcn.media.registration import Estimate, Registration, refusal
from tests.media.registration.moving_heads import BROW, MOUTH, POINTS, closed, distance, head, motion

KINDS = ("translation", "similarity", "affine")
ACCURACY = 0.05  # pixels of 224
ONSET = head()


@pytest.mark.parametrize(
    ("kind", "true"),
    [
        ("translation", motion(0.3, -0.7)),
        ("translation", motion(-8.2, 5.4)),
        ("translation", motion(15, 14)),
        ("similarity", motion(24, -21)),
        ("similarity", motion(1.3, 2.1, turn=3, zoom=1.03)),
        ("similarity", motion(-7.5, 6.2, turn=-3, zoom=0.97)),
        ("affine", motion(4.4, -2.5, turn=2, zoom=1.02, shear=0.03)),
    ],
)
def test_known_maps_are_found(kind, true):
    found = Registration(ONSET, kind).estimate(head(true))
    assert found.converged
    assert distance(found.matrix, true) < ACCURACY
    assert found.after < 0.3 * found.before


@pytest.mark.parametrize("kind", KINDS)
def test_a_still_head_has_not_moved(kind):
    found = Registration(ONSET, kind, POINTS).estimate(ONSET)
    assert distance(found.matrix, np.eye(2, 3)) < 1e-6 and found.displacement < 1e-6
    assert found.converged and found.before < 1e-6


@pytest.mark.parametrize("kind", ["translation", "similarity"])
def test_a_blink_moves_no_head(kind):
    true = motion(2.6, -1.7)
    found = Registration(ONSET, kind, POINTS).estimate(closed(head(true), true))
    assert found.converged
    assert distance(found.matrix, true) < ACCURACY


@pytest.mark.parametrize("kind", ["translation", "similarity"])
@pytest.mark.parametrize("push", [(BROW, 3, 0.05), (MOUTH, 6, 0.08)], ids=["brow", "mouth"])
def test_an_expression_moves_no_head(kind, push):
    true = motion(2.6, -1.7)
    found = Registration(ONSET, kind, POINTS).estimate(head(true, push))
    assert found.converged
    assert distance(found.matrix, true) < 2 * ACCURACY


def test_the_lower_face_counts_only_without_landmarks():
    picture = head(push=((0.5, 0.9), 6, 0.25))
    by_landmarks = Registration(ONSET, "similarity", POINTS).estimate(picture)
    by_all = Registration(ONSET, "similarity").estimate(picture)
    assert by_landmarks.displacement < 0.5 * by_all.displacement


@pytest.mark.parametrize(("gain", "offset"), [(0.7, 25), (1.25, -10), (0.9, 0)])
def test_gain_and_offset_of_the_light_are_no_motion(gain, offset):
    true = motion(3.3, 1.2, turn=1)
    picture = np.clip(gain * head(true).astype(float) + offset, 0, 255).round().astype(np.uint8)
    found = Registration(ONSET, "similarity", POINTS).estimate(picture)
    assert found.converged and found.after < 0.1 * found.before
    assert distance(found.matrix, true) < ACCURACY


def test_each_kind_finds_only_its_own_maps():
    picture = head(motion(1, 1, turn=3))
    by_shift = Registration(ONSET, "translation").estimate(picture).matrix
    assert (by_shift[:, :2] == np.eye(2)).all()
    by_similarity = Registration(ONSET, "similarity").estimate(head(motion(shear=0.04))).matrix
    assert by_similarity[0, 0] == pytest.approx(by_similarity[1, 1])
    assert by_similarity[0, 1] == pytest.approx(-by_similarity[1, 0])


def test_a_similarity_is_one_in_the_recording():
    """A picture twice as wide, squeezed into a square, and turned before that."""
    aspect, true = 2.0, motion(2, 1, turn=2, zoom=1.01)
    squeeze = np.diag([1, aspect])
    squeezed = true.copy()
    squeezed[:, :2] = squeeze @ true[:, :2] @ np.linalg.inv(squeeze)
    squeezed[:, 2] = (0.5 + 2 / 224, 0.5 + 1 / 224) - squeezed[:, :2] @ (0.5, 0.5)
    found = Registration(ONSET, "similarity", aspect=aspect).estimate(head(squeezed))
    assert distance(found.matrix, squeezed) < ACCURACY
    assert found.matrix[0, 1] * aspect == pytest.approx(-found.matrix[1, 0] / aspect)


def test_the_size_of_the_pictures_hardly_matters():
    true = motion(3.7, -2.2, turn=1)
    for size in (96, 128, 300):
        found = Registration(head(side=size), "similarity").estimate(head(true, side=size))
        assert distance(found.matrix, true) < ACCURACY


def test_the_same_pictures_give_the_same_bytes():
    picture = head(motion(1.7, 0.4, turn=1))
    first, second = (Registration(ONSET, "affine", POINTS).estimate(picture).matrix for _ in range(2))
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize("picture", [head(seed=1), np.full_like(ONSET, 90), np.zeros_like(ONSET)])
def test_another_picture_does_not_converge(picture):
    assert not Registration(ONSET, "similarity", POINTS).estimate(picture).converged


def test_a_flat_onset_and_landmarks_outside_are_no_error():
    flat = np.full((64, 64, 3), 128, np.uint8)
    assert not Registration(flat, "affine").estimate(ONSET).converged
    assert not Registration(ONSET, "affine", POINTS + 5).estimate(flat).converged


def test_registered_pictures_are_alike():
    true = motion(4.3, -3.6, turn=2)
    whole, picture = PictureTransform.whole((224, 224)), head(true)
    found = Registration(ONSET, "similarity").estimate(picture).matrix
    rest = whole.picture(picture, 224, found).astype(float) - ONSET
    assert np.abs(rest[20:-20, 20:-20]).mean() < 1
    assert np.abs(picture.astype(float) - ONSET).mean() > 10


def test_what_cannot_be_used_says_why():
    def estimate(displacement=0.05, converged=True):
        return Estimate(np.eye(2, 3), 2.0, 1.0, converged, displacement)

    assert refusal(estimate(), 0.05) == ""
    assert refusal(estimate(0.051), 0.05) == "the head moves by 5.1 % of the picture's side, above 5 %"
    assert refusal(estimate(0.2, converged=False), 0.05) == "it is not like the onset"


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="rigid"):
        Registration(ONSET, "rigid")

"""Pictures of optical flow are told from ordinary frames by their colours."""

import numpy as np
import pytest

from atm_gcn.media.optical_flow import looks_like_flow
from atm_gcn.synth.face import draw_portrait, sample_identity
from tests.media.optical_flow.textures import textured


def flow_pictures(shift, scale, shape=(24, 24), count=3):
    """Equal pictures of a bump that moves by ``shift``, in the published encoding."""
    y, x = np.mgrid[: shape[0], : shape[1]] / shape[0] - 0.5
    bump = np.exp(-20 * ((x - 0.1) ** 2 + y**2)) * scale
    u, v = shift[0] * bump, shift[1] * np.roll(bump, 5, axis=0)
    strain = np.hypot(*np.gradient(u)) + np.hypot(*np.gradient(v))
    picture = np.stack([127.5 + 127.5 * u, 127.5 + 127.5 * v, 255 * strain], axis=-1).clip(0, 255)
    return np.stack([picture.astype(np.uint8)] * count)


def lit(colour, seed=0):
    """Frames of a textured scene in light of one colour."""
    scene = textured(48, seed)[..., None]
    return np.stack([(scene * colour).clip(0, 255).astype(np.uint8)] * 3)


@pytest.mark.parametrize("shift", [(0.8, -0.6), (0.0, 0.0), (0.02, 0.01), (-0.9, 0.1)])
def test_pictures_of_flow_are_recognised(shift):
    assert looks_like_flow(flow_pictures(shift, 1.0))


def test_a_plain_grey_onset_is_recognised():
    pictures = lit((1, 0.9, 0.9))
    assert not looks_like_flow(pictures)
    pictures[0] = 128
    assert looks_like_flow(pictures)


@pytest.mark.parametrize("colour", [(1, 1, 1), (1, 0.8, 0.6), (1, 0.6, 0.2), (0.6, 0.8, 1), (1, 0, 0), (0, 0, 0)])
def test_frames_are_not_taken_for_flow(colour):
    assert not looks_like_flow(lit(colour))


@pytest.mark.parametrize("person", range(3))
def test_drawn_faces_are_not_taken_for_flow(person):
    picture = draw_portrait(sample_identity(2, person), 64)
    assert not looks_like_flow([picture, picture])

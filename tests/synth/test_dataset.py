"""Synthetic datasets: the same bytes again, every class, a truth that fits the frames."""

from collections import Counter
from dataclasses import replace

import cv2
import numpy as np
import pytest

from atm_gcn.data import load_manifest
from atm_gcn.errors import ATMGCNError
from atm_gcn.synth import DIFFICULTIES, load_truth, movement_field, synthesize

STILL = replace(DIFFICULTIES["default"], noise=0.0, flicker=0.0, drift=0.0, rest=0.0, fidget=0.0, blinks=0.0)


def content(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synth") / "clips"
    synthesize(folder, subjects=2, clips_per_subject=3, size=64, recording=replace(STILL, image_format="png"))
    return folder


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        synthesize(tmp_path / name, subjects=1, clips_per_subject=3, size=64, recording=DIFFICULTIES["hard"])
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_every_subject_shows_every_class(made):
    clips = load_manifest(made)
    assert Counter((clip.subject, clip.label) for clip in clips) == {
        (subject, label): 1 for subject in ("s01", "s02") for label in ("negative", "positive", "surprise")
    }
    assert all(clip.onset < clip.apex < clip.offset for clip in clips)


def test_frames_move_where_the_truth_says(made):
    """Brightness changes where a gradient is displaced, so most of it within the moved skin."""
    truth = load_truth(made)
    for clip in load_manifest(made):
        onset, apex = (
            cv2.imread(f"{clip.source}/{number:04d}.png", cv2.IMREAD_GRAYSCALE).astype(float)
            for number in (clip.onset, clip.apex)
        )
        distance = np.linalg.norm(movement_field(truth[clip.key], 64), axis=-1)
        moved = distance > 0.1 * distance.max()
        changed = np.abs(apex - onset)
        assert changed[moved].sum() > 0.9 * changed.sum()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_classes": 4}, "num_classes must be 3, 5 or 7, not 4"),
        ({"clips_per_subject": 2}, "clips_per_subject must be at least 3"),
        ({"size": 32}, "size must be from 64 to 2,048, not 32"),
        ({"recording": replace(STILL, fps=0.0)}, "all above 0, the smaller first"),
        ({"recording": replace(STILL, mask=(0.5, 0.2))}, "slack below 1"),
        ({"recording": replace(STILL, image_format="gif")}, "write jpg or png"),
    ],
)
def test_arguments_out_of_range_are_refused(tmp_path, arguments, message):
    with pytest.raises(ATMGCNError, match=message):
        synthesize(tmp_path / "out", **arguments)
    assert not any(tmp_path.iterdir())


def test_a_folder_with_files_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ATMGCNError, match="exists already; name another folder, or remove it"):
        synthesize(tmp_path)

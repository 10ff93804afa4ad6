from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from atm_gcn.data import load_manifest
from atm_gcn.data.synth import Recording, load_truth, moved_region, movement_field, synthesize
from atm_gcn.data.synth.dataset import CLASSES
from atm_gcn.errors import ATMGCNError

SMALL = {"subjects": 2, "clips_per_subject": 4, "size": 64}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory) -> Path:
    return synthesize(tmp_path_factory.mktemp("synth") / "clips", **SMALL)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_clip_of_the_manifest_has_its_frames(manifest):
    clips = load_manifest(manifest)
    assert len(clips) == 8
    for clip in clips:
        numbers = sorted(int(path.stem) for path in Path(clip.source).iterdir())
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert numbers[0] < clip.onset < clip.apex < clip.offset < numbers[-1]
        assert 0.19 <= (clip.offset - clip.onset) / clip.fps <= 0.51
        frame = cv2.imread(f"{clip.source}/{clip.onset:04d}.jpg")
        assert frame.shape == (64, 64, 3)
        assert frame.std() > 20


def test_manifest_can_be_moved_with_its_folder(manifest):
    assert "s01/c01" in manifest.read_text() and str(manifest.parent) not in manifest.read_text()


@pytest.mark.parametrize("num_classes", CLASSES)
def test_every_subject_shows_every_class(tmp_path, num_classes):
    out = synthesize(
        tmp_path / "clips", subjects=2, clips_per_subject=num_classes + 1, num_classes=num_classes, size=64
    )
    for subject in ("s01", "s02"):
        counts = Counter(clip.label for clip in load_manifest(out) if clip.subject == subject)
        assert set(counts) == set(CLASSES[num_classes])
        assert max(counts.values()) - min(counts.values()) <= 1


def test_same_seed_same_bytes_and_another_seed_other_faces(tmp_path, manifest):
    first = contents(manifest.parent)
    assert contents(synthesize(tmp_path / "again", **SMALL).parent) == first
    other = contents(synthesize(tmp_path / "other", **SMALL, seed=1).parent)
    assert not set(first.values()) & set(other.values())


def test_subject_and_clip_do_not_depend_on_how_many_others_there_are(tmp_path, manifest):
    alone = contents(synthesize(tmp_path / "alone", subjects=1, clips_per_subject=4, size=64).parent)
    both = contents(manifest.parent)
    assert all(both[name] == frame for name, frame in alone.items() if name.endswith(".jpg"))


def test_truth_lies_where_the_picture_changes(tmp_path):
    quiet = Recording(noise=0, flicker=0, drift=0, rest=0, fidget=0, blinks=0, amplitude=(3, 3), image_format="png")
    out = synthesize(tmp_path / "clips", subjects=1, clips_per_subject=3, size=128, recording=quiet)
    truth = load_truth(out.parent)
    for clip in load_manifest(out):
        onset, apex = (
            cv2.imread(f"{clip.source}/{number:04d}.png").astype(float) for number in (clip.onset, clip.apex)
        )
        change = np.abs(apex - onset).mean(axis=-1)
        distance = np.linalg.norm(movement_field(truth[clip.key], 128), axis=-1)
        assert change[distance < 0.01].max() <= 1.0
        assert change[moved_region(truth[clip.key], 128)].mean() > 1.0
        offset = cv2.imread(f"{clip.source}/{clip.offset:04d}.png").astype(float)
        np.testing.assert_allclose(offset, onset, atol=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_classes": 4}, "num_classes must be 3, 5 or 7, not 4"),
        ({"clips_per_subject": 2}, "clips_per_subject must be at least 3, one for every class, not 2"),
        ({"size": 48}, "size must be from 64 to 2,048, not 48"),
        ({"seed": -1}, "seed must be from 0 to 9,223,372,036,854,775,807, not -1"),
        ({"subjects": 0}, "subjects must be from 1 to 10,000, not 0"),
        ({"recording": Recording(image_format="gif")}, "write jpg or png"),
        ({"recording": Recording(fps=0)}, "fps=0"),
        ({"recording": Recording(amplitude=(3, 1))}, "amplitude"),
    ],
)
def test_arguments_that_do_not_fit(tmp_path, arguments, message):
    with pytest.raises(ATMGCNError, match=message):
        synthesize(tmp_path / "clips", **arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_files_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ATMGCNError, match="is there already"):
        synthesize(tmp_path, **SMALL)
    assert contents(tmp_path) == {"notes.txt": b"mine"}


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("atm_gcn.data.synth.dataset.write_manifest", refuse)
    with pytest.raises(ATMGCNError, match=r"clips: cannot be written \(No space left on device\)"):
        synthesize(tmp_path / "clips", **SMALL)
    assert list(tmp_path.iterdir()) == []

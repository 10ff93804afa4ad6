"""One person, label or recording under two names, from ``check`` to ``train``."""

import pytest

from atm_gcn.data import FrameStore
from tests.cli.manifests import called, changed_manifest, prepared
from tests.data.recordings import picture, write_folder
from tests.runs import tiny_clips

CERTAIN = [("Jos\u00e9", "Jose\u0301"), ("p7", "p7\u200b"), ("p7", "\uff507"), ("p 7", "p\u00a0 7"), ("p7", "p\u0667")]
LIKELY = [("s1", "S1"), ("1", "01"), ("s01", "s_1"), ("s1", "\u04551"), ("sub01", "Sub1")]


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    return tiny_clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture
def manifest(clips, tmp_path):
    """Writes a manifest of three people; changes give columns of rows, the first row being 2."""
    return lambda changes: changed_manifest(tmp_path / "manifest.csv", clips, changes)


def spelled(column: str, *spellings: str) -> dict[int, dict[str, str]]:
    """The first person's three clips, with the spellings in turn."""
    return {2 + number: {column: spellings[number % len(spellings)]} for number in range(3)}


@pytest.mark.parametrize(("one", "other"), CERTAIN)
def test_encodings_of_one_id_are_one_person(manifest, tmp_path, capsys, one, other):
    path = manifest(spelled("subject", one, other))
    code, out = called(capsys, "check", "manifest", path)
    assert code == 0 and "subjects  3" in out
    assert "row 3  tiny/" in out and "repaired  subject is written" in out
    code, out = prepared(capsys, path)
    assert code == 0 and "row 3, " in out and "repaired: subject is written" in out
    assert FrameStore.open(tmp_path / "store").subjects == [f"tiny/{one}", "tiny/s1", "tiny/s2"]


@pytest.mark.parametrize(("one", "other"), LIKELY)
def test_ids_that_look_alike_have_to_be_decided_about(manifest, tmp_path, capsys, one, other):
    path = manifest(spelled("subject", one, other) | {row: {"subject": "x"} for row in (5, 6, 7)})
    code, out = called(capsys, "check", "manifest", path)
    assert code == 1 and "NOT complete" in out
    assert "row 3  " in out and "of row 2: if both mean one person, write them alike" in out
    code, out = prepared(capsys, path)
    assert code == 1 and out.count("\n") == 1
    assert "manifest.csv, row 3: " in out and "of row 2" in out and "--similar-subjects same" in out
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(("decision", "subjects"), [("same", 3), ("distinct", 4)])
def test_the_decision_holds_from_check_to_train(manifest, tmp_path, capsys, tiny_sets, decision, subjects):
    path = manifest(spelled("subject", "p1", "P1"))
    option = ("--similar-subjects", decision)
    code, out = called(capsys, "check", "manifest", path, *option)
    assert code == 0 and f"subjects  {subjects}" in out
    assert prepared(capsys, path, *option)[0] == 0
    assert len(FrameStore.open(tmp_path / "store").subjects) == subjects
    code, out = called(
        capsys, "train", tmp_path / "store", tmp_path / "run", "--dry-run", "--device", "cpu", *tiny_sets
    )
    assert code == 0 and f"{subjects} folds" in out


def test_labels_likewise(manifest, tmp_path, capsys):
    path = manifest({3: {"label": "left\u200b"}, 5: {"label": "\uff44own"}})
    code, out = called(capsys, "check", "manifest", path)
    assert code == 0 and "label is written" in out
    path = manifest({3: {"label": "Left"}})
    code, out = called(capsys, "check", "manifest", path)
    assert code == 1 and "label 'Left' looks like 'left' of row 6: if both mean one class" in out
    code, out = prepared(capsys, path)
    assert code == 1 and "label 'Left' looks like 'left'" in out and "row 3" in out
    assert prepared(capsys, path, "--similar-labels", "same")[0] == 0
    assert FrameStore.open(tmp_path / "store").classes == ["down", "left", "still"]


def test_datasets_likewise(manifest, capsys):
    path = manifest({row: {"dataset": "Tiny"} for row in (2, 3, 4)})
    code, out = called(capsys, "check", "manifest", path)
    assert code == 1 and "dataset 'Tiny' looks like 'tiny' of row 5" in out
    code, out = called(capsys, "check", "manifest", path, "--similar-subjects", "same")
    assert code == 0 and "dataset 'Tiny' read as 'tiny', as similar_subjects=same says" in out
    code, out = called(capsys, "check", "manifest", manifest({2: {"dataset": "a/b"}}))
    assert code == 1 and "dataset is 'a/b'; name it without a slash" in out


def test_one_recording_of_two_subjects_is_told_and_refused_in_training(clips, manifest, tmp_path, capsys, tiny_sets):
    path = manifest({5: {"source": clips[0].source, "offset": "3"}})
    code, out = called(capsys, "check", "manifest", path)
    assert code == 1 and "row 5  tiny/s1/c0  kept  shares frames of the recording" in out and "with row 2" in out
    code, out = prepared(capsys, path)
    assert code == 0 and "warning: row 5, tiny/s1/c0: train refuses it: shares frames" in out
    code, out = called(
        capsys, "train", tmp_path / "store", tmp_path / "run", "--dry-run", "--device", "cpu", *tiny_sets
    )
    assert code == 1 and "tiny/s1/c0" in out and "they share frames of" in out
    assert prepared(capsys, path, "--strict")[0] == 1


def test_one_recording_may_show_one_after_the_other(clips, manifest, tmp_path, capsys):
    film = write_folder(tmp_path / "film", range(30), lambda number: picture(number) + number % 7)
    path = manifest(
        {
            2: {"source": str(film), "onset": "0", "apex": "3", "offset": "5"},
            5: {"source": str(film), "onset": "10", "apex": "13", "offset": "15"},
        }
    )
    code, out = called(capsys, "check", "manifest", path)
    assert code == 1 and "is of the recording" in out and "as is row 2, which is of subject tiny/s0" in out
    assert called(capsys, "check", "manifest", path, "--shared-recordings", "allow")[0] == 0

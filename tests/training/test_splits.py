"""Every subject is held out once, and nothing of that subject trains."""

import logging

import pytest

from atm_gcn.data import Clip
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.splits import Fold, check_classes, check_leakage, fold_of, leave_one_subject_out
from atm_gcn.training.splits import warn_of_missing_classes as warn


def clip(subject: str, name: str, dataset: str = "d", onset: int = 0, source: str = "") -> Clip:
    return Clip(dataset, subject, name, onset, onset + 5, onset + 9, 30.0, label="x", source=source)


CLIPS = [clip("b", "1"), clip("a", "1"), clip("b", "2"), clip("a", "1", dataset="e")]


def test_every_subject_is_held_out_once():
    assert leave_one_subject_out(CLIPS) == [
        Fold("d/a", train=[0, 2, 3], test=[1]),
        Fold("d/b", train=[1, 3], test=[0, 2]),
        Fold("e/a", train=[0, 1, 2], test=[3]),
    ]


@pytest.mark.parametrize(("clips", "message"), [(CLIPS[:1], "only 'd/b'"), ([], "there is none")])
def test_needs_two_subjects(clips, message):
    with pytest.raises(ATMGCNError, match=message):
        leave_one_subject_out(clips)


def test_an_unknown_subject_is_named():
    with pytest.raises(ATMGCNError, match="'d/z' has 0 clips and all others 4"):
        fold_of(CLIPS, "d/z")


@pytest.mark.parametrize("fold", [Fold("d/b", train=[0, 1], test=[2]), Fold("d/b", train=[1, 2], test=[0, 2])])
def test_a_subject_on_both_sides_is_a_leak(fold):
    with pytest.raises(ATMGCNError, match=r"clip d/b/.* of the held-out subject is among the training clips"):
        check_leakage(CLIPS, fold)


def test_frames_on_both_sides_are_a_leak():
    clips = [clip("a", "1", source="x.mp4"), clip("b", "1", source="x.mp4", onset=9)]
    with pytest.raises(ATMGCNError, match="d/b/1 has frames of the same recording"):
        leave_one_subject_out(clips)
    with pytest.raises(ATMGCNError, match="d/a/1 has frames of the same recording"):
        fold_of(clips, "d/b")
    clips[1] = clip("b", "1", source="x.mp4", onset=10)
    assert len(leave_one_subject_out(clips)) == 2


def test_a_class_without_clips_is_named():
    check_classes([0, 1, 1], ["no", "yes"])
    with pytest.raises(ATMGCNError, match="class 'maybe' has no clip"):
        check_classes([0, 1, 1], ["no", "yes", "maybe"])


def test_a_class_that_only_the_held_out_subject_has_is_logged(caplog):
    with caplog.at_level(logging.WARNING, logger="atm_gcn"):
        warn([0, 1, 0, 0], ["no", "yes"], fold_of(CLIPS, "d/a"))
    assert "fold d/a: class 'yes' has no training clip" in caplog.text

"""Who is held out by each protocol, and who validates."""

import logging

import pytest

from atm_gcn.data import Clip
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.protocol.splits import (
    Fold,
    across_datasets,
    check_classes,
    fold_of,
    k_folds,
    leave_one_subject_out,
    train_on_all,
    with_validation,
)
from atm_gcn.training.protocol.splits import warn_of_missing_classes as warn


def clip(subject: str, name: str, dataset: str = "d") -> Clip:
    return Clip(dataset, subject, name, 0, 5, 9, 30.0, label="x")


CLIPS = [clip("b", "1"), clip("a", "1"), clip("b", "2"), clip("a", "1", dataset="e")]
MANY = [clip(f"s{person}", str(number)) for person in range(9) for number in range(1 + 3 * (person % 4))]


def subjects(clips, positions):
    return {clips[i].subject_key for i in positions}


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


@pytest.mark.parametrize("seed", range(5))
def test_k_folds_hold_every_clip_out_once_and_are_of_equal_size(seed):
    folds = k_folds(MANY, 4, seed)
    assert [fold.name for fold in folds] == ["fold-1", "fold-2", "fold-3", "fold-4"]
    assert sorted(i for fold in folds for i in fold.test) == list(range(len(MANY)))
    for fold in folds:
        assert sorted(fold.train + fold.test) == list(range(len(MANY)))
        assert not subjects(MANY, fold.train) & subjects(MANY, fold.test)
    sizes = [len(fold.test) for fold in folds]
    assert max(sizes) - min(sizes) <= 3


def test_k_folds_depend_on_the_seed_alone():
    assert k_folds(MANY, 3, 1) == k_folds(MANY, 3, 1) != k_folds(MANY, 3, 2)
    with pytest.raises(ATMGCNError, match=r"\(--folds\) must be at most 9, the number of subjects, not 10"):
        k_folds(MANY, 10, 0)


def test_across_datasets():
    assert across_datasets(CLIPS, ["e"]) == [Fold("test-e", train=[0, 1, 2], test=[3])]
    with pytest.raises(ATMGCNError, match=r"train\.protocol\.test \(--test\) must name d or e, not 'f'"):
        across_datasets(CLIPS, ["f"])
    with pytest.raises(ATMGCNError, match="all clips are of d, e, which is the test data"):
        across_datasets(CLIPS, ["d", "e"])


def test_train_on_all_trains_and_nobody_is_tested():
    assert train_on_all(CLIPS) == [Fold("all", train=[0, 1, 2, 3], test=[])]


def test_validation_subjects_come_from_the_training_ones():
    chosen = set()
    for plain in leave_one_subject_out(MANY):
        fold = with_validation(plain, MANY, 2, seed=0)
        assert fold.test == plain.test
        assert sorted(fold.train + fold.validation) == plain.train
        sides = [subjects(MANY, side) for side in (fold.train, fold.validation, fold.test)]
        assert [len(side) for side in sides] == [6, 2, 1]
        assert len(set.union(*sides)) == 9
        chosen |= sides[1]
    assert len(chosen) > 3


def test_the_seed_chooses_them():
    fold = fold_of(MANY, "d/s0")
    assert with_validation(fold, MANY, 2, 1) == with_validation(fold, MANY, 2, 1) != with_validation(fold, MANY, 2, 2)
    with pytest.raises(ATMGCNError, match=r"less than 8, the number of training subjects in fold d/s0, not 8"):
        with_validation(fold, MANY, 8, 0)


def test_a_class_without_clips_is_named():
    check_classes([0, 1, 1], ["no", "yes"])
    with pytest.raises(ATMGCNError, match="class 'maybe' has no clip"):
        check_classes([0, 1, 1], ["no", "yes", "maybe"])


def test_a_class_that_only_the_held_out_subject_has_is_logged(caplog):
    with caplog.at_level(logging.WARNING, logger="atm_gcn"):
        warn([0, 1, 0, 0], ["no", "yes"], fold_of(CLIPS, "d/a"))
    assert "fold d/a: class 'yes' has no training clip" in caplog.text

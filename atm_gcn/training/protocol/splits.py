"""Folds: which clips train, validate and test, split by subject or by dataset."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from atm_gcn.data import ClipStore
from atm_gcn.data.clip import Clip
from atm_gcn.errors import ATMGCNError, did_you_mean, either
from atm_gcn.training.protocol.seeds import derive_seed

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fold:
    """Which clips of a store train a model, and which it is tested on.

    Args:
        name: Unique among the folds of a run and the source of the fold's seed: with one subject held out, that
            subject's key, for instance ``"casme2/sub01"``.
        train: Positions of the training clips.
        test: Positions of the held-out clips.
        validation: Positions of the clips that choose the epoch; empty without early stopping.
    """

    name: str
    train: list[int]
    test: list[int]
    validation: list[int] = field(default_factory=list)


def clips_and_labels(store: ClipStore) -> tuple[list[Clip], list[Any]]:
    """Every clip of a store and the number of its class, or the states of its units, in the order of the store."""
    return [stored.clip for stored in store.clips], list(store.targets)


def leave_one_subject_out(clips: Sequence[Clip]) -> list[Fold]:
    """One fold per subject, in the order of the subjects' keys.

    Raises:
        ATMGCNError: If there are fewer than two subjects.
    """
    subjects = _subjects(clips)
    if len(subjects) < 2:
        names = f"only {subjects[0]!r}" if subjects else "none"
        raise ATMGCNError(f"leave-one-subject-out needs clips of two subjects or more, and there is {names}; add clips")
    return [fold_of(clips, subject) for subject in subjects]


def fold_of(clips: Sequence[Clip], subject: str) -> Fold:
    """The fold that holds one subject out.

    Raises:
        ATMGCNError: If that subject has no clips, or no other subject has.
    """
    fold = _hold_out(subject, clips, {subject})
    if not fold.test or not fold.train:
        raise ATMGCNError(
            f"subject {subject!r} has {len(fold.test)} clips and all others {len(fold.train)}; both need at least one"
        )
    return fold


def k_folds(clips: Sequence[Clip], count: int, seed: int) -> list[Fold]:
    """Every subject held out once, in ``count`` groups of about equally many clips.

    Raises:
        ATMGCNError: If there are fewer subjects than folds.
    """
    subjects = sorted(_subjects(clips), key=lambda subject: derive_seed(seed, "folds", subject))
    if len(subjects) < count:
        raise ATMGCNError(
            f"train.protocol.folds (--folds) must be at most {len(subjects)}, the number of subjects, not {count}"
        )
    sizes = {subject: sum(clip.subject_key == subject for clip in clips) for subject in subjects}
    groups: list[set[str]] = [set() for _ in range(count)]
    for subject in sorted(subjects, key=sizes.__getitem__, reverse=True):
        min(groups, key=lambda group: (sum(sizes[other] for other in group), len(group))).add(subject)
    return [_hold_out(f"fold-{number}", clips, group) for number, group in enumerate(groups, start=1)]


def across_datasets(clips: Sequence[Clip], held_out: Collection[str]) -> list[Fold]:
    """One fold: the clips of some datasets are tested, all others train.

    Raises:
        ATMGCNError: If a dataset has no clips, or none are left to train on.
    """
    if not held_out:
        raise ATMGCNError(
            'protocol "cross" needs to know what to test; name datasets in train.protocol.test, or give --test'
        )
    known = sorted({clip.dataset for clip in clips})
    unknown = sorted(set(held_out) - set(known))
    if unknown:
        raise ATMGCNError(
            f"train.protocol.test (--test) must name {either(known)}, not {unknown[0]!r}"
            f"{did_you_mean(unknown[0], known)}"
        )
    if not set(known) - set(held_out):
        raise ATMGCNError(f"all clips are of {', '.join(known)}, which is the test data; name fewer datasets in --test")
    return [_hold_out(f"test-{'+'.join(sorted(held_out))}", clips, held_out, "dataset")]


def leave_one_dataset_out(clips: Sequence[Clip]) -> list[Fold]:
    """One fold per dataset, in the order of their names: its clips are tested, all others train.

    Raises:
        ATMGCNError: If there are fewer than two datasets.
    """
    datasets = sorted({clip.dataset for clip in clips})
    if len(datasets) < 2:
        raise ATMGCNError(
            f"leave-one-dataset-out needs clips of two datasets or more, and there is only {datasets[0]!r}; give "
            "further frame stores with --and"
        )
    return [_hold_out(dataset, clips, {dataset}, "dataset") for dataset in datasets]


def train_on_all(clips: Sequence[Clip]) -> list[Fold]:
    """One fold that trains on every clip and tests none."""
    return [Fold("all", train=list(range(len(clips))), test=[])]


def with_validation(fold: Fold, clips: Sequence[Clip], count: int, seed: int) -> Fold:
    """The fold with ``count`` of its training subjects, drawn by the seed, as validation subjects.

    Raises:
        ATMGCNError: If no subject would be left to train on.
    """
    subjects = _subjects([clips[i] for i in fold.train])
    if len(subjects) <= count:
        raise ATMGCNError(
            f"train.protocol.validation_subjects (--validation-subjects) must be less than {len(subjects)}, the "
            f"number of training subjects in fold {fold.name}, not {count}"
        )
    chosen = sorted(subjects, key=lambda subject: derive_seed(seed, fold.name, "validation", subject))[:count]
    sides = {side: [i for i in fold.train if (clips[i].subject_key in chosen) == side] for side in (True, False)}
    return replace(fold, train=sides[False], validation=sides[True])


def check_classes(labels: Sequence[Any], class_names: Sequence[str], fix: str = ClipStore.class_fix) -> None:
    """Make sure that every class has a clip.

    Args:
        labels: Class of each clip, or the states of its action units.
        class_names: The names of classes 0, 1, ...
        fix: What to do about a class without one, for the message.

    Raises:
        ATMGCNError: Naming the first class without one.
    """
    for number, name in enumerate(class_names):
        if not any(has_class(label, number) for label in labels):
            raise ATMGCNError(f"class {name!r} has no clip; {fix}")


def has_class(label: int | Sequence[int], number: int) -> bool:
    """Whether a clip is of a class, or has an action unit, by its number."""
    return label == number if isinstance(label, int) else label[number] > 0


def warn_of_missing_classes(labels: Sequence[Any], class_names: Sequence[str], fold: Fold, least: int = 1) -> None:
    """Log the classes or action units that have no training clip, or fewer than ``least``: the fold learns none."""
    for number, name in enumerate(class_names):
        found = sum(has_class(labels[position], number) for position in fold.train)
        if 0 < found < least:
            log.warning("fold %s: %s has %d training clips, and is learnt from %d on", fold.name, name, found, least)
        elif not found:
            log.warning("fold %s: class %r has no training clip, only %s has it", fold.name, name, fold.name)


def _subjects(clips: Sequence[Clip]) -> list[str]:
    return sorted({clip.subject_key for clip in clips})


def _hold_out(name: str, clips: Sequence[Clip], held_out: Collection[str], key: str = "subject_key") -> Fold:
    sides: dict[bool, list[int]] = {True: [], False: []}
    for position, clip in enumerate(clips):
        sides[getattr(clip, key) in held_out].append(position)
    return Fold(name, train=sides[False], test=sides[True])

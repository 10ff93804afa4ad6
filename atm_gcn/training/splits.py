"""Who trains and who is tested: leave one subject out."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from atm_gcn.data import FrameStore
from atm_gcn.data.clip import Clip
from atm_gcn.errors import ATMGCNError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fold:
    """Which clips of a store train a model, and which it is tested on.

    Args:
        name: Unique among the folds of a run and the source of the fold's seed: with one subject held out, that
            subject's key, for instance ``"casme2/sub01"``.
        train: Positions of the training clips.
        test: Positions of the held-out clips.
        validation: Positions of the clips that choose the epoch; none without early stopping.
    """

    name: str
    train: list[int]
    test: list[int]
    validation: list[int] = field(default_factory=list)


def clips_and_labels(store: FrameStore) -> tuple[list[Clip], list[int]]:
    """Every clip of a store and the number of its class, in the order of the store."""
    clips = [stored.clip for stored in store.clips]
    return clips, [store.classes.index(clip.label) for clip in clips]


def leave_one_subject_out(clips: Sequence[Clip]) -> list[Fold]:
    """One fold a subject, in the order of the subjects' keys.

    Raises:
        ATMGCNError: If there are fewer than two subjects.
    """
    subjects = sorted({clip.subject_key for clip in clips})
    if len(subjects) < 2:
        names = f"only {subjects[0]!r}" if subjects else "none"
        raise ATMGCNError(f"leave-one-subject-out needs clips of two subjects or more, and there is {names}; add clips")
    return [fold_of(clips, subject) for subject in subjects]


def fold_of(clips: Sequence[Clip], subject: str) -> Fold:
    """The fold that holds one subject out.

    Raises:
        ATMGCNError: If that subject has no clips, or nobody else has, or something would be on both sides.
    """
    sides: dict[bool, list[int]] = {True: [], False: []}
    for position, clip in enumerate(clips):
        sides[clip.subject_key == subject].append(position)
    fold = Fold(subject, train=sides[False], test=sides[True])
    if not fold.test or not fold.train:
        raise ATMGCNError(f"subject {subject!r} has {len(fold.test)} clips and all others {len(fold.train)}; need both")
    check_leakage(clips, fold)
    return fold


def check_leakage(clips: Sequence[Clip], fold: Fold) -> None:
    """Make sure that no clip, no subject and no recorded frame is on both sides of a fold.

    Raises:
        ATMGCNError: Naming the first clip that is.
    """
    train, test = [clips[i] for i in fold.train], [clips[i] for i in fold.test]
    keys, subjects = {clip.key for clip in train}, {clip.subject_key for clip in train}
    spans: dict[str, list[Clip]] = {}
    for clip in train:
        spans.setdefault(clip.source, []).append(clip)
    for clip in test:
        shared = [other for other in spans.get(clip.source, []) if clip.source and _overlap(clip, other)]
        if clip.key in keys or clip.subject_key in subjects or shared:
            where = f"; {shared[0].key} has frames of the same recording" if shared else ""
            raise ATMGCNError(f"clip {clip.key} of the held-out subject is among the training clips as well{where}")


def check_classes(labels: Sequence[int], class_names: Sequence[str]) -> None:
    """Make sure that every class has a clip.

    Raises:
        ATMGCNError: Naming the first class without one.
    """
    for number, name in enumerate(class_names):
        if number not in labels:
            raise ATMGCNError(
                f"class {name!r} has no clip; add clips of it, or leave it out of data.classes and prepare"
            )


def warn_of_missing_classes(labels: Sequence[int], class_names: Sequence[str], fold: Fold) -> None:
    """Log the classes that only the held-out subject has: the fold cannot learn them."""
    trained = {labels[position] for position in fold.train}
    for number, name in enumerate(class_names):
        if number not in trained:
            log.warning("fold %s: class %r has no training clip, only %s has it", fold.name, name, fold.name)


def _overlap(one: Clip, other: Clip) -> bool:
    return one.onset <= other.offset and other.onset <= one.offset

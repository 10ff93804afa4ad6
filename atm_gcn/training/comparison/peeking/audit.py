"""What looking at the held-out clips is worth: one training, scored honestly and in ways that are not scores.

The choices below turn the predictions of one honest run into higher numbers without any better model: an epoch or a
seed is chosen by the clips that it is then tested on, or subjects are averaged where their clips should be pooled.
They are computed to show how far apart two published numbers of one model may be. None of them says how a model does
on new people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics import SCORES, scores, scores_of

Values = dict[str, float]
HONEST, BEST_SEED, EVERYTHING = "honest", "best_seed", "everything"
_STRONGEST = "present_classes_best_epoch"


@dataclass(frozen=True)
class FoldEpochs:
    """What the model of one fold and seed predicted after each epoch.

    Args:
        fold: Name of the fold.
        subjects: Subject of each held-out clip; one subject in leave-one-subject-out.
        true: int ``[num_clips]``, class of each clip.
        predicted: int ``[epochs, num_clips]``, class predicted after each epoch; the last row is what the run reports.
        seed: Seed of the training.
    """

    fold: str
    subjects: Sequence[str]
    true: np.ndarray
    predicted: np.ndarray
    seed: int = 0


@dataclass(frozen=True)
class PeekingAudit:
    """One training, read in several ways; each is ``uf1``, ``uar`` and ``acc``. Only ``honest`` is a score.

    All are means over the seeds, except those that choose a seed.

    Args:
        honest: The score: the last epoch, clips pooled over all folds, means over all C classes (Eq. 12).
        best_epoch_of_all: Not a score: one epoch for all folds, the first of those with the highest pooled UF1 on the
            held-out clips.
        best_epoch_per_subject: Not a score: each fold takes the first of the epochs with most of its held-out clips
            correct. Code that keeps the last of several equal epochs reports a different number.
        mean_over_subjects: Not a score of Eq. 12: the mean of the subjects' own scores at the last epoch, where a
            class that a subject lacks counts 0. It is often lower than ``honest``.
        mean_over_subjects_best_epoch: Not a score: the same at the epochs of ``best_epoch_per_subject``.
        present_classes: Not a score of Eq. 12: as ``mean_over_subjects``, but classes that a subject lacks are left out
            of its mean, as metric libraries do by default; see :func:`present_class_scores`.
        present_classes_best_epoch: Not a score: the same at the epochs of ``best_epoch_per_subject``.
        best_seed: Not a score: ``honest`` of the seed with the highest UF1; None if there is one seed.
        everything: Not a score: ``present_classes_best_epoch`` of the seed in which its UF1 is highest. It is all
            choices together, not always the highest of the numbers.
    """

    honest: Values
    best_epoch_of_all: Values
    best_epoch_per_subject: Values
    mean_over_subjects: Values
    mean_over_subjects_best_epoch: Values
    present_classes: Values
    present_classes_best_epoch: Values
    best_seed: Values | None
    everything: Values

    @property
    def readings(self) -> dict[str, Values]:
        """All of them by name, ``honest`` first; without ``best_seed`` if there is one seed."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: values for name, values in named.items() if values is not None}


DESCRIPTIONS = {
    HONEST: "last epoch, clips pooled over all folds",
    "best_epoch_of_all": "one epoch for all folds, chosen by the held-out clips",
    "best_epoch_per_subject": "each fold's epoch, chosen by its own held-out clips",
    "mean_over_subjects": "mean of the subjects' own scores, last epoch",
    "mean_over_subjects_best_epoch": "mean of the subjects' own scores, each fold's best epoch",
    "present_classes": "mean of the subjects' own scores without the classes they lack, last epoch",
    _STRONGEST: "mean of the subjects' own scores without the classes they lack, each fold's best epoch",
    BEST_SEED: "as honest, but of the best seed only",
    EVERYTHING: "all together: best seed, best epochs, mean over subjects without the classes they lack",
}
"""The readings of a :class:`PeekingAudit` in a phrase."""


@dataclass(frozen=True)
class PointsAdded:
    """Points (0.01) that a reading adds to the honest score: by the title of the model, and their median."""

    by_model: dict[str, float]

    @property
    def median(self) -> float:
        """Median over the models."""
        return float(np.median(list(self.by_model.values())))


def audit(folds: Sequence[FoldEpochs], num_classes: int) -> PeekingAudit:
    """Read the predictions of one run in every way of :class:`PeekingAudit`.

    Where folds trained for different numbers of epochs, a shorter one keeps its last epoch.

    Args:
        folds: Of all folds and seeds.
        num_classes: C.

    Raises:
        ATMGCNError: If there are no folds, shapes do not fit, or the seeds were not tested on the same clips.
    """
    by_seed: dict[int, list[FoldEpochs]] = {}
    for fold in folds:
        _check(fold, num_classes)
        by_seed.setdefault(fold.seed, []).append(fold)
    if not by_seed:
        raise ATMGCNError("there are no folds whose epochs could be compared")
    if len({_tested(one) for one in by_seed.values()}) > 1:
        raise ATMGCNError("the seeds were not tested on the same clips")
    each = [_readings_of_seed(one, num_classes) for one in by_seed.values()]
    mean = {name: np.mean([one[name] for one in each], axis=0) for name in each[0]}
    best = max(each, key=lambda one: one[HONEST][0])[HONEST] if len(each) > 1 else None
    strongest = max(each, key=lambda one: one[_STRONGEST][0])[_STRONGEST]
    return PeekingAudit(
        **{name: _named(values) for name, values in mean.items()},
        best_seed=None if best is None else _named(best),
        everything=_named(strongest),
    )


def present_class_scores(confusion: np.ndarray) -> np.ndarray:
    """UF1, UAR and accuracy ``[3]`` without the classes that do not occur. The first two are not those of Eq. 12.

    UF1 is over the classes that some clip has or is predicted as (``f1_score`` of scikit-learn with
    ``average="macro"``), UAR over those that some clip has (``balanced_accuracy_score``).

    Args:
        confusion: ``[C, C]``.
    """
    true, predicted = confusion.sum(axis=1) > 0, confusion.sum(axis=0) > 0
    uf1, uar, acc = scores_of(confusion)
    return np.array([uf1 * len(confusion) / (true | predicted).sum(), uar * len(confusion) / true.sum(), acc])


def points_added(audits: Mapping[str, PeekingAudit], score: str = "uf1") -> dict[str, PointsAdded]:
    """How many points each reading but ``honest`` adds to the honest score, by reading.

    Args:
        audits: By the title of the model. One of a single seed has no ``best_seed``.
        score: ``"uf1"``, ``"uar"`` or ``"acc"``.
    """
    added: dict[str, dict[str, float]] = {name: {} for name in DESCRIPTIONS if name != HONEST}
    for title, found in audits.items():
        for name in added.keys() & found.readings.keys():
            added[name][title] = 100 * (found.readings[name][score] - found.honest[score])
    return {name: PointsAdded(points) for name, points in added.items() if points}


def _check(fold: FoldEpochs, num_classes: int) -> None:
    count = len(fold.true)
    if fold.predicted.ndim != 2 or not len(fold.predicted) or fold.predicted.shape[1] != count:
        raise ATMGCNError(
            f"{fold.fold}: predicted must be [epochs, {count}], the clips of the fold, not {list(fold.predicted.shape)}"
        )
    if len(fold.subjects) != count:
        raise ATMGCNError(f"{fold.fold}: has {count} clips, but the subjects of {len(fold.subjects)}")
    scores(np.broadcast_to(fold.true, fold.predicted.shape), fold.predicted, num_classes)  # refuses other classes


def _tested(folds: Sequence[FoldEpochs]) -> tuple[tuple[str, str, int], ...]:
    """Fold, subject and class of every clip, in any order."""
    clips = ((fold.fold, *clip) for fold in folds for clip in zip(fold.subjects, fold.true.tolist(), strict=True))
    return tuple(sorted(clips))


def _readings_of_seed(folds: Sequence[FoldEpochs], num_classes: int) -> dict[str, np.ndarray]:
    """The readings ``[3]`` of one seed that choose no seed."""
    counts = [_confusions(fold.true, fold.predicted, num_classes) for fold in folds]  # [epochs, C, C] each
    longest = max(map(len, counts))
    pooled = sum(np.concatenate([one, np.repeat(one[-1:], longest - len(one), axis=0)]) for one in counts)
    by_epoch = scores_of(np.asarray(pooled))  # [longest, 3]
    last = [-1] * len(folds)
    best = [int((fold.predicted == fold.true).sum(axis=1).argmax()) for fold in folds]
    own_last, own_best = (_confusions_of_subjects(folds, epochs, num_classes) for epochs in (last, best))
    return {
        HONEST: by_epoch[-1],
        "best_epoch_of_all": by_epoch[by_epoch[:, 0].round(12).argmax()],
        "best_epoch_per_subject": scores_of(np.sum([one[e] for one, e in zip(counts, best, strict=True)], axis=0)),
        "mean_over_subjects": scores_of(own_last).mean(axis=0),
        "mean_over_subjects_best_epoch": scores_of(own_best).mean(axis=0),
        "present_classes": np.mean([present_class_scores(one) for one in own_last], axis=0),
        _STRONGEST: np.mean([present_class_scores(one) for one in own_best], axis=0),
    }


def _confusions(true: np.ndarray, predicted: np.ndarray, num_classes: int) -> np.ndarray:
    """Confusion matrices ``[epochs, C, C]`` of ``predicted``, ``[epochs, num_clips]``."""
    size = num_classes**2
    cells = np.arange(len(predicted))[:, None] * size + true.astype(np.int64) * num_classes + predicted
    return np.bincount(cells.ravel(), minlength=len(predicted) * size).reshape(-1, num_classes, num_classes)


def _confusions_of_subjects(folds: Sequence[FoldEpochs], epochs: Sequence[int], num_classes: int) -> np.ndarray:
    """Confusion matrices ``[S, C, C]`` of every subject, each fold at its own epoch."""
    subject = np.concatenate([np.asarray(fold.subjects) for fold in folds])
    true = np.concatenate([fold.true for fold in folds])
    predicted = np.concatenate([fold.predicted[epoch] for fold, epoch in zip(folds, epochs, strict=True)])
    own = [subject == one for one in np.unique(subject)]
    return np.concatenate([_confusions(true[clips], predicted[None, clips], num_classes) for clips in own])


def _named(values: np.ndarray) -> Values:
    return dict(zip(SCORES, values.tolist(), strict=True))

"""F1 of spotting, F1 of the analysis of what was spotted, and their product."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from atm_gcn.defaults import KINDS
from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics.spotting import published
from atm_gcn.metrics.spotting.interval import Interval
from atm_gcn.metrics.spotting.matching import IOU, Matched, match_intervals

DRAWS = 2_000
LEVEL = 0.95


@dataclass(frozen=True)
class Spotted:
    r"""Counts over all videos.

    .. math::
        P = \frac{\text{TP}}{\text{TP} + \text{FP}} \qquad R = \frac{\text{TP}}{\text{TP} + \text{FN}} \qquad
        \text{F1} = \frac{2 P R}{P + R}

    A ratio whose denominator is 0 counts 0.

    Args:
        tp: Annotated intervals that were found.
        fp: Found intervals without an annotated one.
        fn: Annotated intervals that were not found.
    """

    tp: int
    fp: int
    fn: int

    @property
    def precision(self) -> float:
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    def __add__(self, other: "Spotted") -> "Spotted":
        return Spotted(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)


@dataclass(frozen=True)
class Analysis:
    r"""How well the intervals that were found are classified; those that were not found do not count.

    Args:
        classes: The C classes.
        precision: Mean over classes of :math:`P_i`, the share of what was called class i that belongs to it.
        recall: Mean over classes of :math:`R_i`, the share of class i that was called so.
        f1: :math:`2 P R / (P + R)` of the two means.
        uf1: Mean over classes of :math:`2 P_i R_i / (P_i + R_i)`.
        uar: ``recall``; as published, ``precision``.
        tp, fp, fn: Classifications that are right, and twice those that are wrong: once as another class, once as
            missing from their own.
    """

    classes: tuple[str, ...]
    precision: float
    recall: float
    f1: float
    uf1: float
    uar: float
    tp: int
    fp: int
    fn: int


@dataclass(frozen=True)
class SpottingScores:
    """What :func:`spotting_scores` returns.

    Args:
        kinds: Of ``"micro"`` and ``"macro"``, each if there is any interval of it.
        overall: The counts of all kinds, added.
        analysis: Of the spotted intervals whose class is annotated; None if no class is.
        num_videos: Videos with an annotated or a found interval, or named as having neither.
        matched: Pairs and the others, for each video and kind.
        as_published: Whether computed as the challenge's script does.
    """

    kinds: dict[str, Spotted]
    overall: Spotted
    analysis: Analysis | None
    num_videos: int
    matched: dict[tuple[str, str, str], Matched] = field(repr=False)
    as_published: bool = False

    @property
    def f1(self) -> float:
        """F1 of spotting, overall."""
        return self.overall.f1

    @property
    def strs(self) -> float | None:
        """Spot-then-recognise score: F1 of spotting times F1 of the analysis; None without annotated classes."""
        return None if self.analysis is None else self.overall.f1 * self.analysis.f1

    def intervals(self, seed: int = 0, draws: int = DRAWS) -> dict[str, tuple[float, float]]:
        """95 % intervals of ``f1``, and of ``strs`` if there is one: percentiles of a bootstrap over videos.

        Args:
            seed: Of the bootstrap.
            draws: Number of resamples.

        Raises:
            ATMGCNError: If computed as published, which gives no scores of single videos.
        """
        if self.as_published:
            raise ATMGCNError("scores as published have no intervals")
        counts, confusion = self._by_video()
        rng = np.random.default_rng(seed)
        drawn = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=draws)
        tp, fp, fn = (drawn @ counts).T
        f1 = np.divide(2 * tp, 2 * tp + fp + fn, out=np.zeros(draws), where=tp > 0)
        values = {"f1": f1}
        if confusion is not None:
            resampled = np.tensordot(drawn, confusion, axes=1)
            values["strs"] = f1 * np.array([_means(one)[2] for one in resampled])
        tail = (1 - LEVEL) / 2
        return {name: tuple(np.quantile(value, [tail, 1 - tail]).tolist()) for name, value in values.items()}

    def _by_video(self) -> tuple[np.ndarray, np.ndarray | None]:
        """``[V, 3]`` TP, FP and FN, and ``[V, C, C + 1]`` classes by what they were called, of every video."""
        places = sorted({key[:2] for key in self.matched})
        row = {place: number for number, place in enumerate(places)}
        rows = max(self.num_videos, 1)
        counts = np.zeros((rows, 3))
        confusion = None
        if self.analysis is not None:
            confusion = np.zeros((rows, len(self.analysis.classes), len(self.analysis.classes) + 1))
        for key, one in self.matched.items():
            counts[row[key[:2]]] += len(one.matches), len(one.false), len(one.missed)
            if confusion is not None and self.analysis is not None:
                confusion[row[key[:2]]] += _confusion([one], self.analysis.classes)
        return counts, confusion


def spotting_scores(
    truth: Iterable[Interval | Mapping[str, Any] | Sequence[Any]],
    predicted: Iterable[Interval | Mapping[str, Any] | Sequence[Any]],
    iou: float = IOU,
    classes: Sequence[str] | None = None,
    as_published: bool = False,
    videos: Iterable[tuple[str, str]] = (),
) -> SpottingScores:
    """Scores over all videos together.

    A found interval is right if its intersection over union with an annotated interval of the same video and kind is at
    least ``iou``; each is matched at most once, see :func:`~atm_gcn.metrics.spotting.match_intervals`. Counts are added
    over videos before anything is divided, those of videos without annotated interval included.

    Args:
        truth: Annotated intervals, see :meth:`Interval.of`.
        predicted: Found intervals.
        iou: Least intersection over union, itself included, in (0, 1].
        classes: The classes of the analysis; those that ``truth`` names by default. Spotted intervals of other classes
            do not count in it.
        as_published: Compute as the challenge's script does, which has no kinds and deviates: a found interval may
            match several annotated ones; found intervals of videos without annotated one, and annotated intervals of
            subjects without found one, are left out; a class that is all that was spotted counts 0; and UAR is the mean
            precision.
        videos: Subject and video of those with neither an annotated nor a found interval, for
            :meth:`SpottingScores.intervals`.

    Raises:
        ATMGCNError: If an interval is impossible, or ``iou`` is.

    Example:
        >>> truth = [("v1", 10, 19, "positive"), ("v1", 50, 69, "negative")]
        >>> scores = spotting_scores(truth, [("v1", 10, 29, "positive"), ("v2", 5, 9, "negative")])
        >>> scores.overall, scores.strs
        (Spotted(tp=1, fp=1, fn=1), 0.25)
    """
    if not 0 < iou <= 1:
        raise ATMGCNError(f"iou must lie in (0, 1], not {iou:g}")
    truth, predicted = ([Interval.of(one) for one in given] for given in (truth, predicted))
    named = tuple(sorted({one.emotion for one in truth if one.emotion})) if classes is None else tuple(classes)
    if as_published:
        spotted = published.spot(truth, predicted, iou)
        matches = [match for one in spotted.values() for match in one.matches]
        kinds: dict[str, Spotted] = {}
        overall = _counts(spotted.values())
        analysis = Analysis(named, **published.analyse(matches, named)) if named else None
        return SpottingScores(kinds, overall, analysis, len(spotted), spotted, as_published=True)
    matched = _by_place(truth, predicted, iou)
    places = {key[:2] for key in matched} | set(videos)
    kinds = {
        kind: _counts(one for key, one in matched.items() if key[2] == kind)
        for kind in KINDS
        if any(key[2] == kind for key in matched)
    }
    analysis = _analysis(_confusion(matched.values(), named), named) if named else None
    return SpottingScores(kinds, _counts(matched.values()), analysis, len(places), matched)


def _by_place(
    truth: Sequence[Interval], predicted: Sequence[Interval], iou: float
) -> dict[tuple[str, str, str], Matched]:
    groups: dict[tuple[str, str, str], tuple[list[Interval], list[Interval]]] = {}
    for side, given in enumerate((truth, predicted)):
        for one in given:
            groups.setdefault((*one.place, one.kind), ([], []))[side].append(one)
    return {key: match_intervals(*sides, iou) for key, sides in groups.items()}


def _counts(matched: Iterable[Matched]) -> Spotted:
    each = [Spotted(len(one.matches), len(one.false), len(one.missed)) for one in matched]
    return sum(each, Spotted(0, 0, 0))


def _confusion(matched: Iterable[Matched], classes: Sequence[str]) -> np.ndarray:
    """``[C, C + 1]`` spotted intervals of each class by what they were called; the last column is everything else."""
    number = {name: place for place, name in enumerate(classes)}
    confusion = np.zeros((len(classes), len(classes) + 1), dtype=np.int64)
    for one in matched:
        for truth, predicted, _ in one.matches:
            if truth.emotion in number:
                confusion[number[truth.emotion], number.get(predicted.emotion or "", len(classes))] += 1
    return confusion


def _means(confusion: np.ndarray) -> tuple[float, float, float, float]:
    """Mean precision, mean recall, F1 of the two, and mean F1, of ``[C, C + 1]`` counts."""
    right = np.diag(confusion).astype(float)
    called, support = confusion[:, :-1].sum(0), confusion.sum(1)
    precision, recall = (
        np.divide(right, total, out=np.zeros_like(right), where=total > 0) for total in (called, support)
    )
    f1 = np.divide(2 * right, called + support, out=np.zeros_like(right), where=right > 0)
    p, r = float(precision.mean()), float(recall.mean())
    return p, r, _ratio(2 * p * r, p + r), float(f1.mean())


def _analysis(confusion: np.ndarray, classes: tuple[str, ...]) -> Analysis:
    precision, recall, f1, uf1 = _means(confusion)
    right = int(np.trace(confusion))
    called, support = int(confusion[:, :-1].sum()), int(confusion.sum())
    return Analysis(classes, precision, recall, f1, uf1, recall, right, called - right, support - right)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0

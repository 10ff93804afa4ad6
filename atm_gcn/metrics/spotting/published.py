"""What the script that was published with the spot-then-recognise score (Liong, See and Chan, 2023) computes.

Numbers in papers come from it. See :func:`~atm_gcn.metrics.spotting.spotting_scores` for how it deviates.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from atm_gcn.metrics.spotting.interval import Interval
from atm_gcn.metrics.spotting.matching import Match, Matched, intersection_over_union


def spot(truth: Sequence[Interval], predicted: Sequence[Interval], iou: float) -> dict[tuple[str, str, str], Matched]:
    """Matches by video: of subjects with a found interval, the videos with an annotated one."""
    matched = {}
    for subject in dict.fromkeys(one.subject for one in predicted):
        for video in dict.fromkeys(one.video for one in truth if one.subject == subject):
            place = subject, video
            annotated, found = ([one for one in given if one.place == place] for given in (truth, predicted))
            matched[subject, video, ""] = _match(annotated, found, iou)
    return matched


def _match(truth: Sequence[Interval], predicted: Sequence[Interval], iou: float) -> Matched:
    """Every found interval takes all annotated ones that are near enough and that none before it took."""
    matches: list[Match] = []
    false, taken = [], set()
    for found in predicted:
        pairs = [(number, intersection_over_union(one, found)) for number, one in enumerate(truth)]
        mine = [(number, overlap) for number, overlap in pairs if overlap >= iou and number not in taken]
        taken |= {number for number, _ in mine}
        matches += [Match(truth[number], found, overlap) for number, overlap in mine]
        if not mine:
            false.append(found)
    return Matched(matches, false, [one for number, one in enumerate(truth) if number not in taken])


def analyse(matches: Sequence[Match], classes: Sequence[str]) -> dict[str, Any]:
    """The fields of :class:`~atm_gcn.metrics.spotting.Analysis` but its classes.

    A class to which all matches belong, and no other was called, counts 0, because the confusion matrix of its one
    value has one cell. False and missing classifications of a class are both those that were called so wrongly. With no
    right classification at all F1 is 0 / 0, not a number.
    """
    pairs = [(one.truth.emotion, one.predicted.emotion) for one in matches if one.truth.emotion in classes]
    precisions, recalls, f1s = [], [], []
    for name in classes:
        is_class, called = (np.array([pair[side] == name for pair in pairs], dtype=bool) for side in (0, 1))
        tp, fp, fn = ((is_class & called).sum(), (~is_class & called).sum(), (is_class & ~called).sum())
        if len({*is_class.tolist(), *called.tolist()}) < 2:
            tp = fp = fn = 0
        precision, recall = (float(tp / total) if (total := tp + other) else 0.0 for other in (fp, fn))
        precisions.append(precision)
        recalls.append(recall)
        f1s.append(2 * precision * recall / (precision + recall) if precision + recall else 0.0)
    precision, recall = float(np.mean(precisions)), float(np.mean(recalls))
    both = precision + recall
    wrong = sum(called in classes and called != actual for actual, called in pairs)
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / both if both else float("nan"),
        "uf1": float(np.mean(f1s)),
        "uar": precision,
        "tp": sum(actual == called for actual, called in pairs),
        "fp": wrong,
        "fn": wrong,
    }

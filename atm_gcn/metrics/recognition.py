"""UF1, UAR and accuracy, all from one confusion matrix (Eq. 12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from atm_gcn.errors import ATMGCNError

SCORES = ("uf1", "uar", "acc")


@dataclass(frozen=True)
class Scores:
    r"""What a confusion matrix says.

    .. math::
        \text{UF1} = \frac{1}{C} \sum_{i=1}^{C} \frac{2 \text{TP}_i}{2 \text{TP}_i + \text{FP}_i + \text{FN}_i}
        \qquad \text{UAR} = \frac{1}{C} \sum_{i=1}^{C} \frac{\text{TP}_i}{N_i}

    Both divide by all :math:`C` classes: one that has no clip counts 0. (The paper prints UF1 without the 2 in the
    denominator, which would let it exceed 1.)

    Args:
        confusion: int64 ``[C, C]``; entry ``[i, j]`` counts the clips of class i predicted as j.
    """

    confusion: np.ndarray

    @property
    def support(self) -> np.ndarray:
        """Clips of each class, ``[C]``."""
        return self.confusion.sum(axis=1)

    @property
    def recall(self) -> np.ndarray:
        """Share of each class's clips that are predicted as that class, ``[C]`` in [0, 1]."""
        return _ratio(np.diag(self.confusion), self.support)

    @property
    def precision(self) -> np.ndarray:
        """Share of the clips predicted as a class that belong to it, ``[C]`` in [0, 1]."""
        return _ratio(np.diag(self.confusion), self.confusion.sum(axis=0))

    @property
    def f1(self) -> np.ndarray:
        """Harmonic mean of precision and recall, ``[C]`` in [0, 1]."""
        return _ratio(2 * np.diag(self.confusion), self.support + self.confusion.sum(axis=0))

    @property
    def uf1(self) -> float:
        """Unweighted mean of :attr:`f1` over all classes, in [0, 1]."""
        return float(self.f1.mean())

    @property
    def uar(self) -> float:
        """Unweighted mean of :attr:`recall` over all classes, in [0, 1]."""
        return float(self.recall.mean())

    @property
    def acc(self) -> float:
        """Share of all clips that are predicted correctly, in [0, 1]."""
        return float(np.trace(self.confusion) / self.confusion.sum())

    def per_class(self, class_names: Sequence[str]) -> list[dict[str, Any]]:
        """One row a class: ``class``, ``precision``, ``recall``, ``f1`` and ``support``."""
        columns = (self.precision.tolist(), self.recall.tolist(), self.f1.tolist(), self.support.tolist())
        return [
            {"class": name, "precision": precision, "recall": recall, "f1": f1, "support": support}
            for name, precision, recall, f1, support in zip(class_names, *columns, strict=True)
        ]


def scores(y_true: Any, y_pred: Any, num_classes: int) -> Scores:
    """Count clips by true and predicted class.

    Args:
        y_true: Class of each clip, ``[num_clips]``, in 0..C-1: a sequence, an array or a tensor.
        y_pred: Class predicted for each, ``[num_clips]``.
        num_classes: C.

    Raises:
        ATMGCNError: If there are no clips, the lengths differ, or a value is not one of the C classes.
    """
    true, predicted = _classes(y_true, "y_true", num_classes), _classes(y_pred, "y_pred", num_classes)
    if len(true) != len(predicted):
        raise ATMGCNError(f"y_true holds {len(true)} clips and y_pred {len(predicted)}; both need one value a clip")
    if not len(true):
        raise ATMGCNError("there are no clips to score")
    counts = np.bincount(true * num_classes + predicted, minlength=num_classes**2)
    return Scores(counts.reshape(num_classes, num_classes).astype(np.int64))


def scores_of(confusions: np.ndarray) -> np.ndarray:
    """UF1, UAR and accuracy of many confusion matrices at once, as :class:`Scores` has them.

    Args:
        confusions: Counts, ``[..., C, C]``.

    Returns:
        float64 ``[..., 3]``, in the order of :data:`SCORES`.
    """
    hits = np.diagonal(confusions, axis1=-2, axis2=-1)
    true, predicted = confusions.sum(axis=-1), confusions.sum(axis=-2)
    f1, recall = _ratio(2 * hits, true + predicted).mean(axis=-1), _ratio(hits, true).mean(axis=-1)
    return np.stack([f1, recall, _ratio(hits.sum(axis=-1), true.sum(axis=-1))], axis=-1)


def per_subject_mean(y_true: Any, y_pred: Any, subjects: Sequence[str], num_classes: int) -> dict[str, float]:
    """Mean over subjects of each subject's own UF1, UAR and accuracy.

    It is another number than the pooled one: a subject who lacks a class gets 0 for it.

    Args:
        y_true: Class of each clip, ``[num_clips]``.
        y_pred: Class predicted for each, ``[num_clips]``.
        subjects: Subject of each clip, ``[num_clips]``.
        num_classes: C.
    """
    true, predicted, subject = np.asarray(y_true), np.asarray(y_pred), np.asarray(subjects)
    each = [scores(true[subject == one], predicted[subject == one], num_classes) for one in np.unique(subject)]
    return {name: float(np.mean([getattr(score, name) for score in each])) for name in SCORES}


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    return numerator / np.maximum(denominator, 1)  # counts: 0/0 becomes 0


def _classes(values: Any, name: str, num_classes: int) -> np.ndarray:
    array = np.asarray(values).reshape(-1)
    if array.size and not np.issubdtype(array.dtype, np.integer):
        raise ATMGCNError(
            f"{name} holds {array.dtype} values; give the number of each clip's class, 0..{num_classes - 1}"
        )
    array = array.astype(np.int64)
    wrong = array[(array < 0) | (array >= num_classes)]
    if len(wrong):
        raise ATMGCNError(f"{name} holds {wrong[0]}, which is none of the {num_classes} classes 0..{num_classes - 1}")
    return array

"""The results file of :mod:`.peers`, from which its table, ranks and audit follow without the runs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import Field

from atm_gcn.defaults import Budget
from atm_gcn.training.comparison.peeking.audit import PeekingAudit
from atm_gcn.training.comparison.tables import ComparedModel
from atm_gcn.training.results.predictions import Prediction, count_by_subject
from atm_gcn.training.results.summary import summarize, summarize_seeds
from benchmarks.common.results import ResultsFile, Strict


class Row(Strict):
    """A model.

    Args:
        model: Its key.
        title: Its name in tables.
        settings: How it was trained, in a phrase.
        parameters: Number that are trained by gradients.
        gmac: Multiply-adds of a clip in 1e9.
        seconds_per_fold: Of training, one thread.
        counts: Confusion matrices ``[subjects, seeds, C, C]``, true classes in rows.
        readings: Of the audit: ``uf1``, ``uar`` and ``acc`` by the name of a reading; None without epochs.
    """

    model: str
    title: str
    settings: str
    parameters: int | None
    gmac: float | None
    seconds_per_fold: float
    counts: list[list[list[list[int]]]]
    readings: dict[str, dict[str, float]] | None


class Results(ResultsFile):
    """What was compared, and the models that are finished."""

    program = "peers"
    clips: str
    budget: Budget
    seeds: int
    classes: list[str]
    protocol: str
    rows: list[Row] = Field(default_factory=list)

    def compared(self) -> list[ComparedModel]:
        """The models as the package's tables take them."""
        return [self._compared(row) for row in self.rows]

    def _compared(self, row: Row) -> ComparedModel:
        predictions = predictions_from(np.array(row.counts), self.classes)
        metrics = (summarize if self.seeds == 1 else summarize_seeds)(predictions, self.classes, 0, self.protocol)
        described = {name: getattr(row, name) for name in Row.model_fields if name not in ("counts", "readings")}
        return ComparedModel(metrics=metrics, predictions=predictions, **described)

    def audits(self) -> dict[str, PeekingAudit]:
        """The audits by the title of a model, for those that have one."""
        return {row.title: PeekingAudit(**{"best_seed": None, **row.readings}) for row in self.rows if row.readings}


def counts_of(predictions: Sequence[Prediction], classes: Sequence[str]) -> list[Any]:
    """:attr:`Row.counts` of the predictions of a run."""
    return np.stack(list(count_by_subject(predictions, classes).values())).tolist()


def predictions_from(counts: np.ndarray, classes: Sequence[str]) -> list[Prediction]:
    """Predictions that have these confusion matrices, ``[subjects, seeds, C, C]``.

    Which clip of a subject and class got which prediction is not recorded, and no score or test depends on it.
    """
    rows = []
    for subject, seed, true, predicted in np.ndindex(counts.shape):
        first = int(counts[subject, seed, true, :predicted].sum())
        for number in range(first, first + int(counts[subject, seed, true, predicted])):
            clip = f"{subject:02d}/{classes[true]}-{number:02d}"
            chosen = tuple(float(place == predicted) for place in range(len(classes)))
            rows.append(Prediction(clip, f"{subject:02d}", classes[true], classes[predicted], chosen, seed))
    return rows

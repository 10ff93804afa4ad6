"""The outcome of a task whose targets are action units: F1 of every unit, and their mean."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atm_gcn.data.action_units.reading import UNKNOWN, states_of, units_text
from atm_gcn.defaults import THRESHOLD
from atm_gcn.metrics import unit_scores
from atm_gcn.training.results.outcomes import unit_summary
from atm_gcn.training.results.predictions import ROUNDING, Prediction

if TYPE_CHECKING:
    from atm_gcn.training.loop.fold import FoldResult


class UnitOutcome:
    """Any of several action units per clip."""

    checked: tuple[str, ...] = ("task", "class_names", "num_clips", "num_subjects", "mean_f1", "per_unit")

    def rows(self, result: "FoldResult", names: list[str]) -> list[Prediction]:
        columns = (result.clips, result.subjects, result.labels, result.probabilities.tolist())
        return [
            Prediction(clip, subject, units_text(states, names), self.predicted(row, names), tuple(row))
            for clip, subject, states, row in zip(*columns, strict=True)
        ]

    def check(self, row: Prediction, names: list[str]) -> None:
        states_of(row.label, names)
        predicted = states_of(row.predicted, names)
        if len(row.probabilities) != len(names) or not all(0 <= p <= 1 for p in row.probabilities):
            raise ValueError(f"clip {row.clip} has no probability from 0 to 1 for every unit")
        for name, state, p in zip(names, predicted, row.probabilities, strict=True):
            near = math.isclose(p, THRESHOLD, abs_tol=ROUNDING)  # it is written with six decimals
            if state == UNKNOWN or (not near and bool(state) != (p > THRESHOLD)):
                raise ValueError(f"the prediction of {name} in clip {row.clip} is not that of its probability")

    def score(
        self, rows: list[Prediction], names: list[str], seed: int, several: bool, protocol: str
    ) -> dict[str, Any]:
        return unit_summary.summarize_units(rows, names, seed, protocol)

    def predicted(self, probabilities: Sequence[float], names: Sequence[str]) -> str:
        return units_text([int(p > THRESHOLD) for p in probabilities], names)

    def to_text(self, metrics: dict[str, Any]) -> str:
        return unit_summary.to_text(metrics)

    def draw(self, metrics: dict[str, Any], path: Path) -> None:
        unit_summary.draw_f1(metrics, path)

    def card(self, result: "FoldResult") -> dict[str, Any]:
        states, predicted = result.labels, result.probabilities > THRESHOLD
        known = [
            bool(found) == (state > 0)
            for row, found_row in zip(states, predicted.tolist(), strict=True)
            for state, found in zip(row, found_row, strict=True)
            if state != UNKNOWN
        ]
        acc = sum(known) / max(len(known), 1)
        return {"uf1": None, "uar": None, "acc": acc, "mean_f1": unit_scores(states, predicted).mean_f1}

    def clips_with(self, labels: Sequence[str], names: Sequence[str]) -> dict[str, int]:
        states = [states_of(label, names) for label in labels]
        return {name: sum(one[number] > 0 for one in states) for number, name in enumerate(names)}

    def held_out_text(self, result: "FoldResult") -> str:
        return f"{self.card(result)['acc']:.0%} of the units of {len(result.labels)} held-out clips correct"

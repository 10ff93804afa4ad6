"""The content of a report that only runs on action units have."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from atm_gcn.data.action_units.reading import ABSENT, UNKNOWN, states_of
from atm_gcn.metrics import unit_scores
from atm_gcn.report.mistakes import Mistake, rows_by_clip
from atm_gcn.training.results.outcomes import OUTCOMES
from atm_gcn.training.results.predictions import Prediction


@dataclass(frozen=True)
class UnitMistake(Mistake):
    """A clip in which the state of an action unit is predicted wrongly."""

    @property
    def margin(self) -> float:
        """The largest difference between the probability of a unit and its true state, in [0, 1]."""
        states = states_of(self.label, list(self.probabilities))
        known = zip(states, self.probabilities.values(), strict=True)
        return max((abs(p - state) for state, p in known if state != UNKNOWN), default=0.0)


def worst_unit_mistakes(predictions: Sequence[Prediction], names: list[str], count: int) -> list[Mistake]:
    """The clips with the largest error of a wrongly predicted unit, the worst first.

    Args:
        predictions: Of all folds and seeds; probabilities are averaged over seeds.
        names: Of the units, in the order of the probabilities.
        count: Number of clips, at most.
    """
    mistakes: list[Mistake] = []
    for clip, label, mean in rows_by_clip(predictions):
        predicted = OUTCOMES["action-units"].predicted(mean, names)
        states, found = states_of(label, names), states_of(predicted, names)
        if any(state not in (UNKNOWN, other) for state, other in zip(states, found, strict=True)):
            mistakes.append(UnitMistake(clip, label, predicted, dict(zip(names, mean, strict=True))))
    return sorted(mistakes, key=lambda mistake: -mistake.margin)[:count]


def unit_subject_rows(predictions: Sequence[Prediction], names: list[str]) -> list[dict[str, Any]]:
    """For every subject: clips, units present, units predicted, and mean F1, over all seeds together."""
    groups: dict[str, list[Prediction]] = {}
    for row in predictions:
        groups.setdefault(row.subject, []).append(row)
    table = []
    for subject, rows in groups.items():
        states = [states_of(row.label, names) for row in rows]
        found = [[state != ABSENT for state in states_of(row.predicted, names)] for row in rows]
        scores = unit_scores(states, found)
        clips, trainings = len({row.clip for row in rows}), len({row.seed for row in rows})
        present, predicted = int(scores.support.sum()), int(scores.counts[:, :2].sum())
        table.append(
            {
                "subject": subject,
                "clips": clips,
                "mean_f1": scores.mean_f1,
                "present": present / trainings,
                "predicted": predicted / trainings,
            }
        )
    return table

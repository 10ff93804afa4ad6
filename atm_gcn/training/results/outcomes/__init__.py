"""What becomes of the predictions of a task: the rows of its files, its scores, and these in words."""

from typing import Any

from atm_gcn.defaults import Task
from atm_gcn.training.results.outcomes.action_units import UnitOutcome
from atm_gcn.training.results.outcomes.emotion import EmotionOutcome, Outcome

OUTCOMES: dict[Task, Outcome] = {"emotion": EmotionOutcome(), "action-units": UnitOutcome()}

__all__ = ["OUTCOMES", "Outcome", "outcome_in", "scores_text"]


def outcome_in(metrics: dict[str, Any]) -> Outcome:
    """The outcome of the task whose scores ``metrics.json`` holds."""
    return OUTCOMES[metrics.get("task", "emotion")]


def scores_text(metrics: dict[str, Any]) -> str:
    """The content of ``metrics.json`` for a terminal."""
    return outcome_in(metrics).to_text(metrics)

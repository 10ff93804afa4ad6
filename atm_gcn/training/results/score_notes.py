"""What the scores of a run can and cannot say, in sentences for whoever reads them."""

from collections.abc import Sequence
from typing import Any

from atm_gcn.errors import listed
from atm_gcn.metrics import SCORES

FEW_SUBJECTS = 10


def score_notes(metrics: dict[str, Any]) -> list[str]:
    """Sentences that warn of scores at chance, and of few subjects; empty if neither applies.

    Args:
        metrics: Of :func:`~atm_gcn.training.results.summary.summarize`. Without ``interval`` and ``chance``, as in
            files of earlier versions, nothing can be said.
    """
    if "interval" not in metrics or "chance" not in metrics:
        return []
    return [*_notes_on_chance(metrics), *note_on_subjects(metrics)]


def note_on_subjects(metrics: dict[str, Any]) -> list[str]:
    """A sentence on what so few subjects can and cannot say; empty for :data:`FEW_SUBJECTS` and more."""
    count = metrics["num_subjects"]
    if count == 1:
        return ["A score of one subject says nothing about other people."]
    if count >= FEW_SUBJECTS:
        return []
    (low, high), chance = metrics["interval"]["uf1"], metrics["chance"]["uf1"]
    differs = "" if low <= chance <= high else "it differs from chance, but is "
    ends = interval_text((low, high), " to ")
    return [f"With only {count} subjects, UF1 over all people may be {ends}: {differs}too uncertain to rank models."]


def ensemble_name(ensemble: dict[str, Any]) -> str:
    """What a row with the scores of :func:`~atm_gcn.training.results.summary.ensemble_scores` is called."""
    return f"{ensemble['num_seeds']}-seed ensemble"


def ensemble_note(ensemble: dict[str, Any]) -> str:
    """A sentence that keeps the scores of an ensemble apart from those of one model."""
    count = ensemble["num_seeds"]
    return (
        f"Each clip by the mean of the probabilities of {count} models, one per seed: compare it with other ensembles "
        f"of {count} models, not with one model."
    )


def interval_text(ends: Sequence[float], dash: str = "-") -> str:
    """For instance ``0.21-0.70``."""
    return dash.join(f"{end:.2f}" for end in ends)


def _notes_on_chance(metrics: dict[str, Any]) -> list[str]:
    included, below = [], []
    for key in SCORES:
        low, high = metrics["interval"][key]
        if high < metrics["chance"][key]:
            below.append(key.upper())
        elif low <= metrics["chance"][key]:
            included.append(key.upper())
    notes = []
    if included:
        verb, whose = ("is", "its 95 % interval includes") if len(included) == 1 else ("are", "their intervals include")
        notes.append(f"{listed(included)} {verb} not distinguishable from chance: {whose} it.")
    if below:
        notes.append(f"{listed(below)} {'is' if len(below) == 1 else 'are'} below chance.")
    return notes

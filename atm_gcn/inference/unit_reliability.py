"""What predictions of action units are worth: the held-out mean F1 of their models beside that of trivial ones."""

from collections.abc import Sequence
from typing import Any

from atm_gcn.training.results.outcomes.unit_summary import summarize_units
from atm_gcn.training.results.predictions import Prediction


def run_score(
    metrics: dict[str, Any], predictions: Sequence[Prediction], seeds: Sequence[int]
) -> tuple[dict[str, Any], str]:
    """The score of the models of these seeds of a run, and what to say of it.

    Args:
        metrics: Content of metrics.json of the run.
        predictions: Of all its folds and seeds.
        seeds: Seeds whose models are used; none if the run has one only. Of several, the score is the mean over them.
    """
    own, whose = metrics, "the run"
    if seeds:
        rows = [row for row in predictions if row.seed in seeds]
        own = summarize_units(rows, metrics["class_names"], seeds[0], metrics["protocol"])
        whose = f"{len(seeds)} seeds, each alone" if len(seeds) > 1 else f"seed {seeds[0]} of the run"
    always = own["always_on"]["mean_f1"]
    score = {
        "mean_f1": own["mean_f1"],
        "always_on": always,
        "chance": own["chance"],
        "interval": own["interval"],
        "num_clips": own["num_clips"],
        "num_subjects": own["num_subjects"],
        "better_than_chance": own["interval"]["mean_f1"][0] > max(always, own["chance"]["mean_f1"]),
    }
    clips = f"{score['num_clips']} clips of {score['num_subjects']} subjects"
    verdict = "" if score["better_than_chance"] else ", not distinguishable from that"
    return score, (
        f"held-out score of {whose}: mean F1 {score['mean_f1']:.2f} over {len(own['class_names'])} action units "
        f"(all units in every clip: {always:.2f}) over {clips}{verdict}"
    )


def card_score(scores: dict[str, Any] | None) -> tuple[dict[str, Any] | None, str]:
    """The same of a model alone, from its card."""
    if not scores or scores.get("mean_f1") is None:
        return None, "the held-out score of this model is not recorded"
    found = {
        "mean_f1": scores["mean_f1"],
        "always_on": None,
        "chance": None,
        "interval": None,
        "num_clips": scores["held_out_clips"],
        "num_subjects": None,
        "better_than_chance": None,
    }
    return found, f"score of this model alone: mean F1 {found['mean_f1']:.2f} over {found['num_clips']} held-out clips"

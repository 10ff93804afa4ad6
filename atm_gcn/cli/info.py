"""``atm-gcn info``: the model card of a run or a checkpoint."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from atm_gcn.cli._shared.printing import echo, echo_json
from atm_gcn.cli._shared.types import PATH
from atm_gcn.config import DataConfig
from atm_gcn.files.escaping import escape
from atm_gcn.training.results.input_text import input_text

EXAMPLES = """\b
Examples:
  atm-gcn info RUN
  atm-gcn info RUN/folds/casme2__sub01/model.safetensors --json
"""
WIDTH = 100


@click.command(short_help="Print the model card of a run or a checkpoint.", epilog=EXAMPLES)
@click.argument("model", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def info(model: Path, as_json: bool) -> None:
    """Print the model card of a run, a fold or a checkpoint.

    For the folder of a run, the card is that of the first fold's model, and the scores are those of all folds together.
    """
    from atm_gcn.inference.model_info import describe_model

    described = describe_model(model)
    echo_json(described) if as_json else echo("\n".join(_lines(described)))


def _lines(described: dict[str, Any]) -> Iterator[str]:
    count, folds, parts = described["num_models"], described["num_folds"], described["parameters"]
    which = "one per fold" if count == folds else f"of {folds} fold{'' if folds == 1 else 's'} and several seeds"
    yield f"{escape(described['path'])}: " + (
        f"{count} models, {which}; the first is described" if count > 1 else "one model"
    )
    is_of_units = described["model"].get("task") == "action-units"
    yield from _wrapped("units" if is_of_units else "classes", ", ".join(described["classes"]))
    builder = described["model"].get("build_model")
    if described["title"]:
        yield from _wrapped("model", described["title"])
    elif builder:
        yield from _wrapped("built by", builder)
    elif described["model"]["input"] != "features":  # of which a preset says nothing
        yield from _wrapped("preset", described["preset"] or "none")
    shares = ", ".join(f"{name} {number:,}" for name, number in parts.items() if number and name != "total")
    yield from _wrapped("parameters", f"{parts['total']:,}: {shares}; {described['file_bytes'] / 1e6:.1f} MB")
    if described["model"]["input"] == "features":
        yield from _wrapped("input", f"{described['model']['motion_channels']} features per frame, computed beforehand")
    elif described["data"]:
        yield from _wrapped("input", input_text(DataConfig.from_record(described["data"], described["file"])))
    yield from _wrapped("held out", described["held_out"] or "not recorded")
    if described["run_scores"]:
        for number, sentence in enumerate(_scores(described["run_scores"])):
            yield from _wrapped("" if number else "scores", sentence)
        if described["run_scores"]["seed_ensemble"]:
            yield from _wrapped("ensemble", _ensemble(described["run_scores"]["seed_ensemble"]))
    if described["card"]:
        yield from _card(described["card"], with_scores=not described["run_scores"])
    else:
        yield from _wrapped("card", "none: the model was not saved by atm-gcn train, so its training data is unknown")


def _card(card: dict[str, Any], with_scores: bool) -> Iterator[str]:
    data = card["data"]
    classes = ", ".join(f"{count} {name}" for name, count in data["clips_per_class"].items())
    rates = ", ".join(f"{rate:g}" for rate in data["recorded_fps"])
    recorded = f"recorded at {rates} frames per second; " if rates else ""
    yield from _wrapped(
        "trained on",
        f"{data['clips']} clips ({classes}) of {data['subjects']} subjects of {', '.join(data['datasets'])}, "
        f"{recorded}checksum {data['store_checksum'][:12]}",
    )
    yield from _wrapped("protocol", f"{card['protocol']}; {card['epochs']} epochs, seed {card['seed']}")
    if with_scores and card["scores"]:
        few = card["scores"]
        yield from _wrapped("scores", f"accuracy {few['acc']:.3f} on the {few['held_out_clips']} held-out clips")
    yield from _wrapped("made by", f"atm_gcn {card['atm_gcn']}")
    yield from _wrapped("for", card["intended_use"])
    for sentence in card["not_for"]:
        yield from _wrapped("not for", sentence)
    for sentence in card["limits"]:
        yield from _wrapped("limits", sentence)


def _scores(scores: dict[str, Any]) -> Iterator[str]:
    from atm_gcn.training.results.score_notes import interval_text, score_notes

    if scores.get("mean_f1") is not None:
        yield (
            f"mean F1 {scores['mean_f1']:.3f} (95 % interval {interval_text(scores['interval']['mean_f1'])}, all units "
            f"in every clip {scores['always_on']['mean_f1']:.3f}) over {scores['num_clips']} held-out clips of "
            f"{scores['num_subjects']} subjects, all folds together"
        )
        return
    if scores["uf1"] is None:
        yield f"none: all {scores['num_clips']} clips were trained on"
        return
    numbers = (
        f"{key.upper()} {scores[key]:.3f} (95 % interval {interval_text(scores['interval'][key])}, "
        f"chance {scores['chance'][key]:.3f})"
        for key in ("uf1", "uar", "acc")
    )
    clips, subjects = scores["num_clips"], scores["num_subjects"]
    yield f"{', '.join(numbers)} over {clips} held-out clips of {subjects} subjects, all folds together"
    yield from score_notes(scores)


def _ensemble(scores: dict[str, Any]) -> str:
    from atm_gcn.training.results.score_notes import ensemble_name, ensemble_note, interval_text

    numbers = (
        f"{key.upper()} {scores[key]:.3f} (95 % interval {interval_text(scores['interval'][key])})"
        for key in ("uf1", "uar", "acc")
    )
    return f"{ensemble_name(scores)}: {', '.join(numbers)}. {ensemble_note(scores)}"


def _wrapped(name: str, text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, WIDTH, initial_indent=f"{name:<12}", subsequent_indent=" " * 12)

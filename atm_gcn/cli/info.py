"""``atm-gcn info``: what a model is, what it was trained on, and what it is not for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from atm_gcn.cli._shared.printing import echo, echo_json
from atm_gcn.cli._shared.types import PATH
from atm_gcn.files.escaping import escape

EXAMPLES = """\b
Examples:
  atm-gcn info RUN
  atm-gcn info RUN/folds/casme2__sub01/model.safetensors --json
"""
WIDTH = 100


@click.command(epilog=EXAMPLES)
@click.argument("model", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def info(model: Path, as_json: bool) -> None:
    """Print the model card of a run, a fold or a checkpoint.

    Of a run with one model a fold, the card is the first fold's, and the scores are those of all folds together.
    """
    from atm_gcn.inference.model_info import about

    known = about(model)
    echo_json(known) if as_json else echo("\n".join(_lines(known)))


def _lines(known: dict[str, Any]) -> Iterator[str]:
    count, parts = known["num_models"], known["parameters"]
    yield f"{escape(known['path'])}: " + (
        f"{count} models, one a fold; the first is described" if count > 1 else "one model"
    )
    yield from _wrapped("classes", ", ".join(known["classes"]))
    yield from _wrapped("preset", known["preset"] or "sizes of its own")
    shares = ", ".join(f"{name} {parts[name]:,}" for name in ("encoder", "graph", "readout") if parts[name])
    yield from _wrapped("parameters", f"{parts['total']:,}: {shares}; {known['file_bytes'] / 1e6:.1f} MB")
    if known["data"]:
        yield from _wrapped("input", _input(known["data"]))
    yield from _wrapped("held out", known["held_out"] or "not recorded")
    if known["run_scores"]:
        yield from _wrapped("scores", _scores(known["run_scores"]))
    if known["card"]:
        yield from _card(known["card"], with_scores=not known["run_scores"])
    else:
        yield from _wrapped("card", "none: the model was not saved by atm-gcn train, and nothing tells its data")


def _card(card: dict[str, Any], with_scores: bool) -> Iterator[str]:
    data = card["data"]
    classes = ", ".join(f"{count} {name}" for name, count in data["clips_per_class"].items())
    rates = ", ".join(f"{rate:g}" for rate in data["recorded_fps"])
    yield from _wrapped(
        "trained on",
        f"{data['clips']} clips ({classes}) of {data['subjects']} subjects of {', '.join(data['datasets'])}, recorded "
        f"at {rates} frames a second; frame store {data['store_checksum'][:12]}",
    )
    yield from _wrapped("protocol", f"{card['protocol']}; {card['epochs']} epochs, seed {card['seed']}")
    if with_scores and card["scores"]:
        few = card["scores"]
        yield from _wrapped("scores", f"{few['acc']:.3f} right of the {few['held_out_clips']} clips that were held out")
    yield from _wrapped("made by", f"atm_gcn {card['atm_gcn']}")
    yield from _wrapped("for", card["intended_use"])
    for sentence in card["not_for"]:
        yield from _wrapped("not for", sentence)
    for sentence in card["limits"]:
        yield from _wrapped("limits", sentence)


def _input(data: dict[str, Any]) -> str:
    rate = f"{data['fps']:g} frames a second" if data["fps"] else "frames as recorded"
    face = "cropped to the face" if data["face"] == "crop" else "whole pictures"
    return f"{data['size']} x {data['size']} pixels, {rate}, at most {data['max_frames']} frames, {face}"


def _scores(scores: dict[str, Any]) -> str:
    numbers = ", ".join(
        f"{name.upper()} {scores[name]:.3f}" for name in ("uf1", "uar", "acc") if scores[name] is not None
    )
    return (
        f"{numbers} over {scores['num_clips']} held-out clips of {scores['num_subjects']} subjects, all folds together"
    )


def _wrapped(name: str, text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, WIDTH, initial_indent=f"{name:<12}", subsequent_indent=" " * 12)

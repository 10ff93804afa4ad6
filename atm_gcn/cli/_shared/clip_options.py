"""The options of ``predict`` and ``explain`` that say how to read a recording."""

from collections.abc import Callable
from typing import Any

import click

from atm_gcn.cli._shared.types import FPS, FaceChoice, OneOf, Whole, WholeOrAll, option_group

ALL_FACES = "all"
CHOICES = (
    "Which face of several: largest, left, right, centre, N (the N-th from the left), or track (the largest, if it "
    "stays in its place)"
)
"""Help of ``--face-choice`` in every command."""

clip_options = option_group(
    click.option(
        "--face", type=OneOf(["align", "crop", "none"]), help="Align or crop to the face; by default as in training."
    ),
    click.option(
        "--face-detector",
        metavar="NAME",
        help="mtcnn, haar, or the ONNX file of a YuNet; by default as in training.",
    ),
    click.option("--onset", type=Whole(0), help="Frame number of the neutral face."),
    click.option("--apex", type=Whole(0), help="Frame number of the strongest movement."),
    click.option("--offset", type=Whole(0), help="Frame number of the last frame."),
    click.option("--fps", type=FPS, help="Frames per second of SOURCE; by default as the video states."),
    click.option("--apex-rule", type=OneOf(["max-motion", "middle"]), help="How to find the apex without --apex."),
    click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, ..."),
)


seeds_option = click.option(
    "--seeds",
    type=WholeOrAll(),
    default="all",
    show_default=True,
    metavar="N|all",
    help="Of a run with several seeds, average the models of the first N, or of all.",
)
"""The parameter ``seeds``, None for all."""


def face_choice_option(or_all: bool = False) -> Callable:
    """``--face-choice``; with ``or_all``, also :data:`ALL_FACES`."""
    words = ", or all of them" if or_all else ""
    return click.option(
        "--face-choice",
        type=FaceChoice([ALL_FACES] if or_all else []),
        help=f"{CHOICES}{words}; by default as in training.",
    )


def data_overrides(**options: Any) -> dict[str, Any]:
    """The data settings that the options override: ``face``, ``face_detector``, ``face_choice``, ``apex_rule``."""
    named = {("apex" if name == "apex_rule" else name): value for name, value in options.items()}
    return {name: value for name, value in named.items() if value is not None}


def _choose(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and ctx.params.get("spot") is not None:
        raise click.UsageError("--spot and --one-clip exclude each other; give one of them")
    ctx.params["spot"] = param.name == "spot" if value else ctx.params.get("spot")


_FLAG: dict[str, Any] = {"is_flag": True, "expose_value": False, "callback": _choose}
spot_options = option_group(
    click.option("--spot", help="Search a recording for brief movements.", **_FLAG),
    click.option("--one-clip", help="Read a recording as one clip.", **_FLAG),
)
"""``--spot`` and ``--one-clip``: the parameter ``spot``, None without either."""

"""The options of ``predict`` and ``explain`` that say how to read a recording."""

from typing import Any

import click

from atm_gcn.cli._shared.types import FPS, OneOf, Whole, option_group

clip_options = option_group(
    click.option("--face", type=OneOf(["crop", "none"]), help="Crop to the face or not; by default as in training."),
    click.option("--onset", type=Whole(0), help="Frame number of the neutral face."),
    click.option("--apex", type=Whole(0), help="Frame number of the strongest movement."),
    click.option("--offset", type=Whole(0), help="Frame number of the last frame."),
    click.option("--fps", type=FPS, help="Frames per second of SOURCE; by default as the video states."),
    click.option("--apex-rule", type=OneOf(["max-motion", "middle"]), help="How to find the apex without --apex."),
    click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, ..."),
)


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

"""The options of ``predict`` and ``explain`` that say how to read a recording."""

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

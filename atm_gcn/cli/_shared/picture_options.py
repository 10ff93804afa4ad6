"""Options of ``prepare`` for faces, registration, optical flow and depth; each is a setting of the section ``data``."""

from typing import get_args

import click

from atm_gcn.cli._shared.clip_options import CHOICES
from atm_gcn.cli._shared.types import OneOf, option_group
from atm_gcn.config import DataConfig


def _values(setting: str) -> list[str]:
    return list(get_args(DataConfig.model_fields[setting].annotation))


picture_options = option_group(
    click.option(
        "--face",
        type=OneOf(_values("face")),
        help="Crop every clip to the face in its onset frame, or align that face by its eyes, nose and mouth.",
    ),
    click.option(
        "--face-detector", metavar="NAME", help="mtcnn (default), haar, or the ONNX file of a YuNet for OpenCV."
    ),
    click.option(
        "--face-choice",
        metavar="WHICH",
        help=f"{CHOICES}; by default the largest.",
    ),
    click.option(
        "--register", type=OneOf(_values("register")), help="Remove head motion since the onset with this transform."
    ),
    click.option(
        "--flow", type=OneOf(_values("flow")), help="Store the optical flow of every frame since the onset, too."
    ),
    click.option(
        "--depth", flag_value="true", help="Also store depth images, read from the folder depth next to color."
    ),
)
"""The options; :func:`~atm_gcn.cli._shared.decision_options.assignments` takes their values."""

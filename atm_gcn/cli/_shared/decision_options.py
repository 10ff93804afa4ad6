"""The options of ``check`` and ``prepare`` for similar ids and shared recordings."""

from collections.abc import Mapping

import click

from atm_gcn.cli._shared.types import OneOf, option_group

decision_options = option_group(
    click.option(
        "--similar-subjects",
        type=OneOf(["refuse", "same", "distinct"]),
        help="Whether subjects or datasets such as s01 and S01 are the same. [default: refuse]",
    ),
    click.option(
        "--similar-labels",
        type=OneOf(["refuse", "same", "distinct"]),
        help="Whether labels such as Positive and positive are the same class. [default: refuse]",
    ),
    click.option(
        "--shared-recordings",
        type=OneOf(["refuse", "allow"]),
        help="Whether a recording may show several subjects. [default: refuse]",
    ),
)
"""The options whose values :func:`assignments` takes."""


def assignments(decisions: Mapping[str, str | None]) -> list[str]:
    """The options that were given, in the form of ``--set``."""
    return [f"data.{name}={value}" for name, value in decisions.items() if value]

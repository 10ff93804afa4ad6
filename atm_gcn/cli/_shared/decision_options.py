"""The options of ``check`` and ``prepare`` for similar ids and shared recordings."""

from collections.abc import Callable, Mapping

import click

from atm_gcn.cli._shared.types import OneOf

OPTIONS = [
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
]


def decision_options(command: Callable) -> Callable:
    """Add the options to a command; :func:`assignments` takes their values."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def assignments(decisions: Mapping[str, str | None]) -> list[str]:
    """The options that were given, in the form of ``--set``."""
    return [f"data.{name}={value}" for name, value in decisions.items() if value]

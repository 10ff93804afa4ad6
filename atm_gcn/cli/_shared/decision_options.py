"""The options of ``check`` and ``prepare`` that decide about ids that look alike and about shared recordings."""

from collections.abc import Callable, Mapping

import click

from atm_gcn.cli._shared.types import OneOf

OPTIONS = [
    click.option(
        "--similar-subjects",
        type=OneOf(["refuse", "same", "distinct"]),
        help="Subjects or datasets such as s01 and S01: one person, or different people. [default: refuse]",
    ),
    click.option(
        "--similar-labels",
        type=OneOf(["refuse", "same", "distinct"]),
        help="Labels such as Positive and positive: one class, or different ones. [default: refuse]",
    ),
    click.option(
        "--shared-recordings",
        type=OneOf(["refuse", "allow"]),
        help="A recording that shows several subjects, one after another. [default: refuse]",
    ),
]


def decision_options(command: Callable) -> Callable:
    """Give a command the options; :func:`assignments` takes what they got."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def assignments(decisions: Mapping[str, str | None]) -> list[str]:
    """The options that were given, as ``--set`` would have them."""
    return [f"data.{name}={value}" for name, value in decisions.items() if value]

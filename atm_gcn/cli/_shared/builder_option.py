"""``--build-model``: the builder of a model that is not the library's own."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from atm_gcn.building import Builder

BUILD_MODEL = click.option(
    "--build-model",
    "builder",
    metavar="MODULE:NAME",
    help="Function that builds a custom model; imports and runs MODULE.",
)


def imported(builder: str | None) -> "Builder | None":
    """The builder that the option names."""
    if builder is None:
        return None
    from atm_gcn.building import import_builder

    return import_builder(builder)

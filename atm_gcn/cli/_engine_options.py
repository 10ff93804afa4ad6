"""The options that say where folds are trained."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from atm_gcn.training.execution import Executor

OPTIONS = [
    click.option("--jobs", type=click.IntRange(1), help="Folds trained at a time, each in a process of its own."),
    click.option("--ray", "address", metavar="ADDRESS", help="Train on a Ray cluster; 'local' makes one here."),
]


def engine_options(command: Callable) -> Callable:
    """Give a command the options that :func:`executor_of` takes."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def executor_of(jobs: int | None, address: str | None) -> "Executor":
    """Where ``--jobs`` and ``--ray`` want folds to be trained.

    Raises:
        ATMGCNError: If Ray is asked for and not installed.
    """
    from atm_gcn.training.execution import Here, Pool, RayCluster

    if address:
        return RayCluster(None if address == "local" else address, jobs)
    return Pool(jobs) if jobs and jobs > 1 else Here()

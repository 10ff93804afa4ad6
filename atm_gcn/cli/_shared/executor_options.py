"""The options of ``train`` and ``ablate`` that choose where folds are trained."""

import multiprocessing
import multiprocessing.forkserver
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from atm_gcn.cli._shared.types import Whole, option_group

if TYPE_CHECKING:
    from atm_gcn.config import ComputeConfig
    from atm_gcn.training.execution import Executor


def _start_early(_: click.Context, __: click.Parameter, jobs: int | None) -> int | None:
    """Let the process of which those of a pool are forks import torch while this one does: it takes seconds."""
    if jobs and jobs > 1 and sys.platform == "linux":
        multiprocessing.get_context("forkserver").set_forkserver_preload(["atm_gcn.training.execution.pool_worker"])
        multiprocessing.forkserver.ensure_running()
    return jobs


executor_options = option_group(
    click.option(
        "--jobs",
        type=Whole(1, 1024),
        callback=_start_early,
        help="Number of folds trained in parallel, each in its own process.",
    ),
    click.option(
        "--ray", "address", metavar="ADDRESS", help="Train on a Ray cluster; 'local' starts one on this machine."
    ),
    click.option("--devices", type=Whole(1), help="Number of devices that train one fold together."),
    click.option("--tensorboard", is_flag=True, help="Also write TensorBoard logs."),
)
"""Options of which :func:`executor_of` takes the first two; the others are settings."""


@contextmanager
def executor_of(settings: "ComputeConfig", jobs: int | None, address: str | None) -> "Iterator[Executor | None]":
    """The executor that trains the folds; None in a process that only follows the process of rank 0.

    Raises:
        ATMGCNError: If an optional package is not installed.
    """
    from atm_gcn.training.execution import PoolExecutor, RayExecutor, SerialExecutor

    if settings.devices > 1 and (address or jobs):
        raise click.UsageError("--devices is for one fold at a time; leave out --jobs and --ray, or --devices")
    if address:
        yield RayExecutor(None if address == "local" else address, jobs)
    elif settings.devices == 1:
        yield PoolExecutor(jobs) if jobs and jobs > 1 else SerialExecutor()
    else:
        from atm_gcn.training.execution.fabric import FabricExecutor, is_rank_zero

        executor = FabricExecutor(settings.devices, settings.device)
        if is_rank_zero():
            yield executor
            executor.close()
        else:
            executor.follow()
            yield None


def launched_devices() -> dict[str, int]:
    """The setting ``devices`` of a process that ``torchrun`` started among several."""
    return {"devices": int(os.environ["WORLD_SIZE"])} if "TORCHELASTIC_RUN_ID" in os.environ else {}

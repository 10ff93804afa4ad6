"""``atm-gcn compare``: several models over the same folds and seeds."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from atm_gcn.cli._shared.executor_options import executor_of, executor_options, launched_devices
from atm_gcn.cli._shared.outputs import OutputFolder, name_written
from atm_gcn.cli._shared.printing import echo
from atm_gcn.cli._shared.run_options import budget_option, load_run, run_options
from atm_gcn.cli._shared.types import PATH, Models
from atm_gcn.defaults import Budget

if TYPE_CHECKING:
    from atm_gcn.config import RunConfig
    from atm_gcn.data import ClipStore


@click.command(short_help="Compare models over the same folds and seeds.")
@click.argument("data", type=PATH)
@click.argument("out", type=OutputFolder())
@click.option(
    "--models",
    required=True,
    type=Models(),
    help="Comma-separated names, or all: those that can read DATA. The first is compared with every other.",
)
@run_options
@budget_option
@click.option(
    "--set-for",
    "own",
    multiple=True,
    nargs=2,
    metavar="MODEL KEY=VALUE",
    help="One setting of one model, such as htnet train.optim.epochs=20; repeatable.",
)
@click.option(
    "--audit-peeking",
    is_flag=True,
    help="Also show what choosing the epoch by the held-out clips would have reported.",
)
@executor_options
@click.option("--resume", is_flag=True, help="Resume the comparison in OUT; further models may be named.")
@click.option("--dry-run", is_flag=True, help="Time one training step of every model, write nothing.")
def compare(
    data: Path,
    out: Path,
    models: tuple[str, ...],
    budget: Budget,
    own: tuple[tuple[str, str], ...],
    audit_peeking: bool,
    resume: bool,
    dry_run: bool,
    jobs: int | None,
    address: str | None,
    overrides: tuple[str, ...],
    **options: Any,
) -> None:
    """Train and test several models over the same folds and seeds of the frame store DATA.

    Each model is trained as its authors did, or all with the settings of --preset (--budget equal). Prints one table:
    scores, parameters, multiply-adds per clip, seconds per fold, and paired tests over subjects against the first model
    with Holm's correction. Writes the table as comparison.csv, .md and .tex to OUT, ranks.png with a
    critical-difference diagram, and the run of every model to a folder of its name.

    \b
    atm-gcn compare store out --models atm-gcn,ststnet,mmnet --seeds 3 --jobs 4
    atm-gcn compare store out --models all --budget equal --audit-peeking
    atm-gcn compare store out --models atm-gcn,htnet --set-for htnet train.optim.epochs=20
    atm-gcn compare store out --models atm-gcn,ststnet,mmnet,nmer --seeds 3 --resume

    docs/peers.md describes the models and what was published of them.
    """
    from atm_gcn.training.comparison.models import compare_models
    from atm_gcn.training.comparison.selection import select
    from atm_gcn.training.preflight import check_run
    from atm_gcn.training.run import run_folds

    if audit_peeking:
        overrides = (*overrides, "train.protocol.audit_peeking=true")
    options |= {**launched_devices(), "budget": budget}

    def load(model: str, more: Sequence[str]) -> "tuple[RunConfig, ClipStore]":
        config, store = load_run(data, overrides=(*overrides, *more), model=model, **options)
        check_run(config, store)
        return config, store

    configs, store = select(models, own, load)
    if dry_run:
        for model, config in configs.items():
            echo(_step(model, config, store))
        echo("nothing was written")
        return
    any_config = next(iter(configs.values()))
    with executor_of(any_config.train.compute, jobs, address) as executor:
        if executor:
            found = compare_models(
                configs, store, out, lambda one, run, go_on: run_folds(one, store, run, go_on, executor), budget, resume
            )
            echo(found.to_text())
            name_written([out])


def _step(model: str, config: "RunConfig", store: "ClipStore") -> str:
    """What a step of a model takes, and what all of them may take."""
    from atm_gcn.training.preflight import dry_run

    step = dry_run(config, store)
    seconds = step["seconds"] * step["steps"]
    unit, size = ("h", 3600) if seconds >= 3600 else ("min", 60) if seconds >= 60 else ("s", 1)
    what = "step" if step["steps"] == 1 else "steps"
    return (
        f"{model}: {step['parameters']:,} parameters, {step['steps']:,} {what} of {step['seconds']:.2f} s: about "
        f"{seconds / size:.3g} {unit}, one fold at a time"
    )

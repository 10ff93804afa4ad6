"""``atm-gcn ablate``: compare the model with versions that lack one part."""

from pathlib import Path
from typing import Any

import click

from atm_gcn.cli._shared.executor_options import executor_of, executor_options, launched_devices
from atm_gcn.cli._shared.outputs import OutputFolder, name_written
from atm_gcn.cli._shared.printing import echo
from atm_gcn.cli._shared.run_options import load_run, run_options
from atm_gcn.cli._shared.types import PATH


@click.command(short_help="Compare the model with and without each of its parts.")
@click.argument("data", type=PATH)
@click.argument("out", type=OutputFolder())
@run_options
@executor_options
@click.option("--resume", is_flag=True, help="Resume the ablation in OUT.")
def ablate(data: Path, out: Path, resume: bool, jobs: int | None, address: str | None, **options: Any) -> None:
    """Train and test the full model, and the model without each of its parts.

    Makes four runs over the same folds and seeds of the frame store DATA: the full model, without the graph (w/o GCN),
    without the difference from the onset frame (w/o motion), and without the adaptive layers (w/o ATM). Prints a table
    of their scores and of the differences from the full model, with a paired test over subjects; writes the table to
    ablation.csv and ablation.md in OUT, beside the four runs.

    \b
    atm-gcn ablate store out --preset demo --seeds 3 --jobs 4
    atm-gcn ablate store out --preset demo --seeds 3 --jobs 4 --resume
    """
    from atm_gcn.training.comparison import ablation
    from atm_gcn.training.run import run_folds

    config, store = load_run(data, **options | launched_devices())
    with executor_of(config.train.compute, jobs, address) as executor:
        if executor:
            ablation.ablate(
                config, store, out, lambda variant, run, go_on: run_folds(variant, store, run, go_on, executor), resume
            )
            echo((out / "ablation.md").read_text(encoding="utf-8").rstrip("\n"))
            name_written([out / "ablation.csv", out / "ablation.md"])

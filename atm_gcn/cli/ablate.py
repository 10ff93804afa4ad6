"""``atm-gcn ablate``: the model without each of its parts."""

from pathlib import Path
from typing import Any

import click

from atm_gcn.cli._run_options import PATH, load_run, run_options


@click.command()
@click.argument("data", type=PATH)
@click.argument("out", type=PATH)
@run_options
@click.option("--resume", is_flag=True, help="Go on with the ablation in OUT; finished folds are kept.")
def ablate(data: Path, out: Path, resume: bool, **asked: Any) -> None:
    """Train and test the model, and the model without each of its parts.

    Makes four runs over the same folds and seeds of the frame store DATA: the whole model, without the graph (w/o GCN),
    without the difference from the onset frame (w/o motion), and without the adaptive layers (w/o ATM). Prints a table
    of their scores and of how far each is from the whole model, with a paired test over subjects; OUT gets it as
    ablation.csv and ablation.md, beside the four runs' folders.

    \b
    atm-gcn ablate store out --preset demo --seeds 3
    atm-gcn ablate store out --preset demo --seeds 3 --resume
    """
    from atm_gcn.training import ablation
    from atm_gcn.training.run import run_folds

    config, store = load_run(data, **asked)

    def run(variant: Any, folder: Path, again: bool) -> dict[str, Any]:
        return run_folds(variant, store, folder, again)

    ablation.ablate(config, store, out, run, resume)
    click.echo((out / "ablation.md").read_text(encoding="utf-8"), nl=False)

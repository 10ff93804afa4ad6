"""``atm-gcn train``: train and test, by default leaving one subject out."""

from pathlib import Path
from typing import Any

import click

from atm_gcn.cli._shared.executor_options import executor_of, executor_options, launched_devices
from atm_gcn.cli._shared.outputs import OutputFolder, name_written
from atm_gcn.cli._shared.printing import echo
from atm_gcn.cli._shared.run_options import load_run, model_options, run_options
from atm_gcn.cli._shared.types import PATH
from atm_gcn.files.escaping import escape


@click.command(short_help="Train and test by a protocol.")
@click.argument("data", type=PATH)
@click.argument("out", type=OutputFolder())
@run_options
@model_options
@executor_options
@click.option("--all", "all_clips", is_flag=True, help="Train a final model on all clips; no held-out score.")
@click.option("--resume", is_flag=True, help="Resume the run in OUT.")
@click.option("--dry-run", is_flag=True, help="Check settings and data, run one training step, write nothing.")
def train(
    data: Path, out: Path, resume: bool, dry_run: bool, jobs: int | None, address: str | None, **options: Any
) -> None:
    """Train and test on a frame store, or on a manifest of features; by default, leave one subject out.

    Every subject of DATA is held out once. Prints the pooled UF1, UAR and accuracy, a table of the
    classes and the confusion matrix. Writes config.yaml, metrics.json, predictions.csv, confusion.png, and a model and
    a log per fold to the folder OUT. With --all, OUT is the folder of one model.

    \b
    atm-gcn train store run --preset demo                 every subject held out once
    atm-gcn train features.csv run --preset demo          on features that were computed beforehand
    atm-gcn train store run --model ststnet               another network, trained as its authors did
    atm-gcn train store run --seeds 5                     the same with five seeds
    atm-gcn train store run --folds 5                     five groups of subjects: faster
    atm-gcn train casme2 run --test samm                  train on one frame store, test on another
    atm-gcn train store run --validation-subjects 3 --patience 10
    atm-gcn train store model --all
    atm-gcn train store run --jobs 4                      four folds in parallel, with the same results
    atm-gcn train store run --jobs 4 --resume             resume after Ctrl-C or a crash
    atm-gcn train store run --devices 2                   two GPUs per fold

    Ctrl-C and SIGTERM save the state of every unfinished fold; the exit code is then 130 or 143.
    """
    from atm_gcn.training.results.outcomes import scores_text
    from atm_gcn.training.results.run_folder import RunFolder
    from atm_gcn.training.run_state import describe_state

    config, store = load_run(data, **options | launched_devices())
    if dry_run:
        state = describe_state(RunFolder(out), config, store, resume)
        from atm_gcn.training.preflight import dry_run as check_and_step

        echo(_describe(check_and_step(config, store), state))
        return
    if config.train.compute.devices == 1:  # otherwise another process may have begun the run already
        RunFolder(out).check(config, store, resume)  # before the slow import of torch
    from atm_gcn.training.run import run_folds

    with executor_of(config.train.compute, jobs, address) as executor:
        if executor:
            echo(scores_text(run_folds(config, store, out, resume, executor)))
            name_written([out])


def _describe(step: dict[str, Any], state: str) -> str:
    seeds = f" with {step['seeds']} seeds each" if step["seeds"] > 1 else ""
    lines = (
        f"{step['folds']} fold{'' if step['folds'] == 1 else 's'}{seeds} over {step['clips']} clips of "
        f"{len(step['classes'])} classes "
        f"({', '.join(step['classes'])})",
        f"model of {step['parameters']:,} parameters",
        f"one step on {step['batch_clips']} clips, {step['batch_frames']} frames: loss {step['loss']:.4f}, "
        f"{step['seconds']:.2f} s",
        escape(state),
        "nothing was written",
    )
    return "\n".join(line for line in lines if line)

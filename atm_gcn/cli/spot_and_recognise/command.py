"""``atm-gcn spot-and-recognise``: find and classify micro-expressions in long videos, every person held out once."""

from pathlib import Path
from typing import Any

import click

from atm_gcn.cli._shared.executor_options import executor_of, executor_options
from atm_gcn.cli._shared.outputs import OutputFolder, name_written
from atm_gcn.cli._shared.printing import echo
from atm_gcn.cli._shared.run_options import load_run, model_options, run_options
from atm_gcn.cli._shared.types import PATH, OneOf, Whole

SPOTTER_STEPS = 500
EXAMPLES = """\b
Examples:
  atm-gcn synth videos --long 120 --lively --subjects 12
  atm-gcn prepare manifest videos store --preset demo
  atm-gcn spot-and-recognise store run --preset demo
  atm-gcn spot-and-recognise store run --preset demo --spotter learnt --folds 4 --jobs 4
"""


@click.command(short_help="Find and classify micro-expressions in long videos.", epilog=EXAMPLES)
@click.argument("data", type=PATH)
@click.argument("out", type=OutputFolder())
@click.option(
    "--spotter",
    default="both",
    show_default=True,
    type=OneOf(["learnt", "threshold", "both"]),
    help="How movements are found: by a trained graph network, by a threshold on motion, or by both for comparison.",
)
@click.option(
    "--spotter-steps",
    default=SPOTTER_STEPS,
    show_default=True,
    type=Whole(1, 1_000_000),
    help="Number of optimiser steps to train the learnt spotter.",
)
@click.option(
    "--macro/--no-macro",
    default=True,
    show_default=True,
    help="Whether the learnt spotter also looks for macro-expressions, where enough people show any.",
)
@run_options
@model_options
@executor_options
@click.option("--resume", is_flag=True, help="Resume the run in OUT.")
def spot_and_recognise(
    data: Path,
    out: Path,
    spotter: str,
    spotter_steps: int,
    macro: bool,
    resume: bool,
    jobs: int | None,
    address: str | None,
    **options: Any,
) -> None:
    """Search the long videos from which the clips of the frame store DATA were cut, and classify what is found.

    Every person is held out once: threshold and durations are chosen, and spotter and classifier trained, on the other
    people. Prints F1 of spotting, false alarms per minute, and the spot-then-recognise score (STRS) of each spotter.
    Writes to OUT what was found as tables and as logs of the challenge, the scores, a curve of every video, a report
    page, and the run of the classifiers in OUT/recognition. The options are those of atm-gcn train for the classifiers.

    Ctrl-C and SIGTERM save what is done; the exit code is then 130 or 143.
    """
    from atm_gcn.report.spotting_page import write_spotting_page
    from atm_gcn.spotting.held_out.spotters import SPOTTERS
    from atm_gcn.spotting.layout import REPORT, SpottingFolder
    from atm_gcn.spotting.long_videos import micro_clips

    if options["others"]:
        raise click.UsageError("--and is for atm-gcn train; spot-and-recognise reads the videos of one frame store")
    if options["task"] is not None:
        from atm_gcn.spotting.chain import check_task

        check_task(options["task"])
    config, _ = load_run(data, select=micro_clips, **options)
    from atm_gcn.data import open_clips
    from atm_gcn.spotting.chain import check_protocol, spot_and_recognise
    from atm_gcn.spotting.training import SpotterTraining

    check_protocol(config)
    with executor_of(config.train.compute, jobs, address) as executor:
        if executor:
            results = spot_and_recognise(
                config,
                open_clips(data),
                out,
                [name for name in SPOTTERS if spotter in (name, "both")],
                SpotterTraining(steps=spotter_steps),
                resume,
                executor,
                progress=True,
                macro=macro,
            )
            write_spotting_page(SpottingFolder(out), results, out / REPORT)
            echo(results.to_text())
            name_written([out])

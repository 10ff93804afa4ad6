"""How well are the action units of drawn clips recognised in people who were held out?

    python -m benchmarks.method.units WORK

Draws the dataset that ``atm-gcn synth`` draws by default, with 3 classes, and one with 7, in which units are shared
between classes. Trains the preset ``demo`` on their action units, leaving one subject out, and scores the predictions
beside those of every unit in every clip. Stores and runs are kept in WORK; the same command continues after an
interruption.
"""

import logging
from pathlib import Path

import click
from pydantic import Field

from atm_gcn.config import RunConfig
from atm_gcn.data import FrameStore, load_manifest, prepare
from atm_gcn.errors import ATMGCNError
from atm_gcn.synth import synthesize
from atm_gcn.training import run_folds
from atm_gcn.training.protocol.unit_choice import store_for
from atm_gcn.training.results.run_results import RunResults
from atm_gcn.training.settings import requested, resolve
from benchmarks.common.machine import describe
from benchmarks.common.results import ResultsFile, Strict, out_option

PRESET = "demo"
CLASSES = {3: 12, 7: 14}
"""Clips of each person, by the number of classes."""
SHARED = ("train.compute.device=cpu", "train.compute.threads=1", "train.compute.save_models=false")


class Row(Strict):
    """Scores over the held-out clips of one dataset.

    Attributes:
        classes: Number of classes that were drawn.
        mean_f1: Mean over the units of F1 from counts pooled over the folds; ``interval`` its 95 % interval.
        always_on: That of every unit in every clip; ``chance`` that of units drawn by their share.
        per_unit: F1 and number of clips of each unit.
    """

    classes: int
    people: int
    clips: int
    mean_f1: float
    interval: tuple[float, float]
    always_on: float
    chance: float
    per_unit: dict[str, tuple[float, int]]


class Results(ResultsFile):
    program = "units-drawn"
    preset: str = PRESET
    rows: list[Row] = Field(default_factory=list)


def store_of(work: Path, classes: int, people: int, clips_each: int) -> FrameStore:
    """The frame store of one of the two datasets."""
    folder = work / f"classes-{classes}"
    if not (folder / "store" / "meta.json").exists():
        synthesize(folder / "clips", people, clips_each, num_classes=classes, seed=0)
        prepare(load_manifest(folder / "clips"), folder / "store", RunConfig.preset(PRESET).data)
    return FrameStore.open(folder / "store")


def row_of(work: Path, classes: int, people: int, clips_each: int, more: tuple[str, ...] = ()) -> Row:
    """Train and test on one dataset."""
    clips = store_of(work, classes, people, clips_each)
    overrides = [*SHARED, *more]
    config, base = requested(RunConfig.preset(PRESET), overrides=overrides, task="action-units")
    store = store_for(config, [clips])
    folder = work / f"run-{classes}"
    run_folds(resolve(config, base, store, overrides), store, folder, resume=True)
    metrics = RunResults(folder).metrics
    return Row(
        classes=classes,
        people=metrics["num_subjects"],
        clips=metrics["num_clips"],
        mean_f1=metrics["mean_f1"],
        interval=tuple(metrics["interval"]["mean_f1"]),
        always_on=metrics["always_on"]["mean_f1"],
        chance=metrics["chance"]["mean_f1"],
        per_unit={row["unit"]: (row["f1"], row["support"]) for row in metrics["per_unit"]},
    )


@click.command(help=__doc__)
@click.argument("work", type=click.Path(path_type=Path, file_okay=False))
@click.option("--people", default=8, show_default=True)
@out_option
def main(work: Path, people: int, out: Path | None) -> None:
    """Train on both datasets, and print the scores."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        results = Results(machine=describe())
        for classes, clips_each in CLASSES.items():
            row = row_of(work, classes, people, clips_each)
            results.rows.append(row)
            low, high = row.interval
            click.echo(
                f"{classes} classes: mean F1 {row.mean_f1:.3f} ({low:.2f}-{high:.2f}), all units in every clip "
                f"{row.always_on:.3f}, chance {row.chance:.3f}"
            )
            click.echo(", ".join(f"{unit} {f1:.3f} ({count})" for unit, (f1, count) in row.per_unit.items()))
        click.echo(f"written to {results.write(out)}")
    except ATMGCNError as error:
        raise click.ClickException(str(error)) from error

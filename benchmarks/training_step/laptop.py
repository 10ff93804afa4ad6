"""What does the preset ``laptop`` cost on a set of the size of CASME II, and what does it lose against ``small``?

    python -m benchmarks.training_step.laptop hour WORK --out RESULTS.json [--jobs 2]
    python -m benchmarks.training_step.laptop scores WORK --out RESULTS.json
    python -m benchmarks.training_step.laptop begun WORK --out RESULTS.json

Draws 249 clips of 26 people in five classes, 224 x 224 at 200 frames per second. ``hour`` prepares them for the preset
and holds every person out once, and takes the time. ``scores`` divides the people into two halves, trains each preset
on either half, and tests it on the other: both presets are then scored on all clips, after the same training clips.
``begun`` tests what ``scores`` has trained so far: of a preset that takes hours, the model as it was last saved,
beside the other preset on the same clips. Stores and runs are kept in WORK; the same command continues after an
interruption, but ``hour`` starts again, so that its time is that of one command.
"""

import logging
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import click
from pydantic import Field

from atm_gcn.building import build
from atm_gcn.config import RunConfig
from atm_gcn.data import FrameStore, load_manifest, prepare
from atm_gcn.data.clip import Clip
from atm_gcn.metrics import scores as scores_of_clips
from atm_gcn.synth import Recording, synthesize
from atm_gcn.training import run_folds
from atm_gcn.training.devices.acceleration import accelerate
from atm_gcn.training.execution import PoolExecutor
from atm_gcn.training.loop.clips import dataset_of
from atm_gcn.training.loop.loader import evaluation_loader
from atm_gcn.training.loop.log_file import read_log
from atm_gcn.training.loop.state import load_state
from atm_gcn.training.loop.step import predict
from atm_gcn.training.protocol.splits import clips_and_labels
from atm_gcn.training.protocol.tasks import tasks_of
from atm_gcn.training.results.layout import LOG, PREDICTIONS, STATE, fold_folder
from atm_gcn.training.results.predictions import read_predictions
from atm_gcn.training.results.run_folder import RunFolder
from atm_gcn.training.results.run_results import RunResults
from atm_gcn.training.settings import resolve
from benchmarks.common.machine import describe
from benchmarks.common.results import ResultsFile, Strict

PEOPLE, CLIPS, CLASSES = 26, 249, 5
PRESETS = ("laptop", "small")
RECORDING = Recording(fps=200.0)


class Hour(Strict):
    """Leave-one-subject-out with ``laptop``: seconds, and the scores."""

    jobs: int
    prepare_seconds: float
    train_seconds: float
    uf1: float
    uar: float
    acc: float


class Row(Strict):
    """Scores of a preset after training on either half of the people."""

    preset: str
    uf1: float
    uar: float
    acc: float


class Begun(Strict):
    """Scores on one half of the people of a model that was trained on the other.

    Args:
        preset: Of the model.
        fold: Name of the half that is tested.
        clips: Number of tested clips.
        epochs: That are done, of ``all_epochs``.
        loss: Mean loss of the last one.
    """

    preset: str
    fold: str
    clips: int
    epochs: int
    all_epochs: int
    loss: float
    uf1: float
    uar: float
    acc: float


class Results(ResultsFile):
    program = "laptop"
    people: int = PEOPLE
    clips: int = CLIPS
    classes: int = CLASSES
    hour: Hour | None = None
    rows: list[Row] = Field(default_factory=list)
    begun: list[Begun] = Field(default_factory=list)


def drawn(work: Path) -> list[Clip]:
    """The clips: ten or nine of every person."""
    most = -(-CLIPS // PEOPLE)
    if not (work / "clips" / "manifest.csv").exists():
        synthesize(work / "clips", PEOPLE, most, num_classes=CLASSES, seed=0, recording=RECORDING)
    clips = load_manifest(work / "clips")
    last = {clip.subject: clip for clip in clips}  # the last clip of each person
    fewer = sorted(last)[: most * PEOPLE - CLIPS]
    return [clip for clip in clips if clip.subject not in fewer or clip is not last[clip.subject]]


def run(work: Path, preset: str, store: FrameStore, name: str, jobs: int, *overrides: str) -> dict[str, float]:
    """The scores of one run, which is continued if it was begun."""
    settings = ["train.compute.device=cpu", "train.compute.save_models=false", *overrides]
    base = RunConfig.preset(preset)
    config = resolve(base.override(settings), base, store, settings)
    run_folds(
        config, store, work / name, resume=(work / name).exists(), executor=PoolExecutor(jobs) if jobs > 1 else None
    )
    metrics = RunResults(work / name).metrics
    return {score: metrics[score] for score in ("uf1", "uar", "acc")}


@click.group(help=__doc__)
def main() -> None:
    """Measure the preset."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")


jobs_option = click.option("--jobs", default=2, show_default=True, help="Folds at once.")


def options(command: click.Command) -> click.Command:
    """What all commands take."""
    for add in (
        click.option(
            "--out", type=click.Path(path_type=Path, dir_okay=False), help="Results file, which is continued."
        ),
        click.argument("work", type=click.Path(path_type=Path, file_okay=False)),
    ):
        command = add(command)
    return command


@main.command()
@jobs_option
@options
def hour(work: Path, out: Path | None, jobs: int) -> None:
    """Prepare the clips, hold every person out once, and take the time."""
    clips = drawn(work)
    for name in ("store-hour", "run-hour"):
        shutil.rmtree(work / name, ignore_errors=True)
    start = time.perf_counter()
    prepare(clips, work / "store-hour", RunConfig.preset("laptop").data)
    prepared = time.perf_counter()
    scores = run(work, "laptop", FrameStore.open(work / "store-hour"), "run-hour", jobs)
    trained = time.perf_counter()
    measured = Hour(jobs=jobs, prepare_seconds=prepared - start, train_seconds=trained - prepared, **scores)
    click.echo(f"{(trained - start) / 60:.0f} minutes; UF1 {measured.uf1:.3f}")
    results = read(out)
    results.hour = measured
    results.write(out)


@main.command()
@jobs_option
@options
@click.option("--preset", type=click.Choice(PRESETS), help="Only this one. [default: both]")
def scores(work: Path, out: Path | None, jobs: int, preset: str | None) -> None:
    """Train each preset on either half of the people, and test it on the other half."""
    halves = ("train.protocol.kind=kfold", "train.protocol.folds=2")
    for name in (preset,) if preset else PRESETS:
        if not (work / f"store-{name}" / "meta.json").exists():
            prepare(drawn(work), work / f"store-{name}", RunConfig.preset(name).data)
        row = Row(preset=name, **run(work, name, FrameStore.open(work / f"store-{name}"), f"run-{name}", jobs, *halves))
        click.echo(f"{name}: UF1 {row.uf1:.3f} UAR {row.uar:.3f} ACC {row.acc:.3f}")
        results = read(out)
        results.rows = [*(other for other in results.rows if other.preset != name), row]
        results.write(out)


@main.command()
@options
def begun(work: Path, out: Path | None) -> None:
    """Test the models of ``scores`` as they were last saved."""
    results = read(out)
    results.begun = [row for preset in PRESETS for row in begun_folds(work, preset)]
    for row in results.begun:
        click.echo(
            f"{row.preset}, {row.fold}, {row.epochs} of {row.all_epochs} epochs: UF1 {row.uf1:.3f} ({row.clips} clips)"
        )
    results.write(out)


def begun_folds(work: Path, preset: str) -> Iterator[Begun]:
    """The folds of a preset's run that are finished or have a saved state."""
    run, store = RunFolder(work / f"run-{preset}"), FrameStore.open(work / f"store-{preset}")
    config = run.config
    _, labels = clips_and_labels(store)
    for task in tasks_of(config, store):
        folder = fold_folder(run.path, task.path)
        if (folder / PREDICTIONS).is_file():
            names = config.model.class_names
            predicted = [names.index(row.predicted) for row in read_predictions(folder / PREDICTIONS)]
            log = read_log(folder / LOG)
        elif (folder / STATE).is_file():
            state, model = load_state(folder / STATE), build(config.model)
            model.load_state_dict(state.below("model"))
            accelerate(model, config.train, size=config.data.size)
            loader = evaluation_loader(dataset_of(config, store)[task.fold.test], config.train)
            predicted, log = predict(model, loader).argmax(dim=1).tolist(), state.header["place"]["log"]
        else:
            continue
        found = scores_of_clips([labels[place] for place in task.fold.test], predicted, len(store.classes))
        yield Begun(
            preset=preset,
            fold=task.fold.name,
            clips=len(predicted),
            epochs=len(log),
            all_epochs=config.train.optim.epochs,
            loss=log[-1]["loss"],
            **{name: getattr(found, name) for name in ("uf1", "uar", "acc")},
        )


def read(out: Path | None) -> Results:
    """The results so far."""
    return Results.read(out) if out and out.exists() else Results(machine=describe())


if __name__ == "__main__":
    main()

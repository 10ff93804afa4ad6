"""How many micro-expressions are found and classified in long videos, with every person held out?

    python -m benchmarks.method.spot_and_recognise WORK

Draws long videos of quiet people and of people who talk, blink, show macro-expressions and move their head, the same
people in both, and runs ``spot_and_recognise`` with both spotters on each set. Videos, stores and runs stay in WORK;
the same command continues after an interruption. The seed of the videos is one on which nothing was chosen.
"""

import logging
from pathlib import Path

import click

from atm_gcn.config import RunConfig
from atm_gcn.data import FrameStore, load_manifest, prepare
from atm_gcn.errors import ATMGCNError
from atm_gcn.spotting import SpotterTraining, micro_clips, spot_and_recognise
from atm_gcn.synth import Liveliness, synthesize_long_dataset
from atm_gcn.training.settings import resolve
from benchmarks.common.machine import describe
from benchmarks.common.results import out_option
from benchmarks.method.spot_and_recognise.rows import Results, rows_of

PRESET = "demo"
FRAMES = 64  # pixels of the classifiers' frames
SETS: dict[str, Liveliness | None] = {"lively": Liveliness(), "quiet": None}
SHARED = ("train.compute.device=cpu", "train.compute.threads=1")


def store_of(work: Path, name: str, people: int, minutes: float, size: int, seed: int) -> FrameStore:
    """The frame store of one of :data:`SETS`; drawn and prepared if it is not there."""
    if not (work / name / "manifest.csv").exists():
        synthesize_long_dataset(work / name, people, 60 * minutes, size=size, seed=seed, lively=SETS[name])
    data = RunConfig.preset(PRESET).merge({"data": {"size": FRAMES}}).data
    return prepare(load_manifest(work / name), work / f"{name}-store", data)


@click.command(help=__doc__)
@click.argument("work", type=click.Path(path_type=Path, file_okay=False))
@out_option
@click.option("--people", default=12, show_default=True, type=click.IntRange(3))
@click.option("--minutes", default=2.0, show_default=True, type=click.FloatRange(0.25), help="Length of a video.")
@click.option("--size", default=128, show_default=True, type=click.IntRange(64), help="Side of the videos in pixels.")
@click.option("--seed", default=500, show_default=True, type=click.IntRange(0), help="Of people and videos.")
@click.option("--epochs", default=20, show_default=True, type=click.IntRange(1), help="Of the classifiers.")
@click.option("--steps", default=500, show_default=True, type=click.IntRange(1), help="Of the learnt spotter.")
@click.option("--folds", type=click.IntRange(2), help="K-fold by person. [default: leave one person out]")
def main(
    work: Path,
    out: Path | None,
    people: int,
    minutes: float,
    size: int,
    seed: int,
    epochs: int,
    steps: int,
    folds: int | None,
) -> None:
    """Run both sets, and print and write the scores."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    about = {
        "num_people": people,
        "minutes_each": minutes,
        "size": size,
        "seed": seed,
        "epochs": epochs,
        "steps": steps,
    }
    results = Results(machine=describe(), folds=folds or people, **about)
    overrides = [*SHARED, f"train.optim.epochs={epochs}"]
    if folds:
        overrides += ["train.protocol.kind=kfold", f"train.protocol.folds={folds}"]
    base = RunConfig.preset(PRESET)
    try:
        for name in SETS:
            store = store_of(work, name, people, minutes, size, seed)
            config = resolve(base.override(overrides), base, micro_clips(store), overrides)
            training = SpotterTraining(steps=steps)
            found = spot_and_recognise(
                config, store, work / f"{name}-run", training=training, resume=True, progress=True
            )
            click.echo(f"{name}: {found.to_text()}\n")
            results.rows += rows_of(name, found)
        results.write(out)
    except ATMGCNError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()

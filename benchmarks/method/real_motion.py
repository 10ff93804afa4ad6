"""How good is ATM-GCN on optical flow of real micro-expressions?

    python -m benchmarks.method.real_motion DATA WORK --out RESULTS.json

DATA holds pictures of optical flow and two manifests over the same clips: manifest.csv reads the steps from onset to
apex and from apex to offset, manifest-apex.csv the first alone. Frame stores and runs are kept in WORK; the same
command continues after an interruption. Rows are added to RESULTS.json as they come. See real_motion.md.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from atm_gcn.building import build
from atm_gcn.config import DataConfig
from atm_gcn.data import FrameStore, load_manifest, prepare
from atm_gcn.errors import ATMGCNError
from atm_gcn.training import cross_validate
from atm_gcn.training.comparison import VARIANTS
from atm_gcn.training.comparison.models import seconds_per_fold
from atm_gcn.training.results.predictions import mean_over_seeds
from atm_gcn.training.results.run_results import RunResults
from benchmarks.common.machine import describe
from benchmarks.common.results import out_option
from benchmarks.method.real_motion_scores import Results, Row, comparison, scores_of_seeds, table

MANIFESTS = {"apex": "manifest-apex.csv", "both": "manifest.csv"}


class Model(NamedTuple):
    """What a row trains.

    Args:
        steps: ``"apex"`` or ``"both"``, which manifest it reads.
        settings: Over those that all rows share.
    """

    steps: str
    settings: tuple[str, ...] = ()


def _variant(name: str) -> tuple[str, ...]:
    return tuple(f"model.{key}={str(value).lower()}" for key, value in VARIANTS[name].items())


MODELS = {
    "ATM-GCN, apex": Model("apex"),
    "ATM-GCN": Model("both"),
    "w/o ATM": Model("both", _variant("w/o ATM")),
    "w/o GCN": Model("both", _variant("w/o GCN")),
}
PAIRS = (
    ("ATM-GCN", "ATM-GCN, apex"),
    ("ATM-GCN", "w/o ATM"),
    ("ATM-GCN", "w/o GCN"),
)
COMPUTE = (
    "train.compute.device=cpu",
    "train.compute.threads=1",
    "train.compute.precision=float32",
    "train.compute.compile=false",
    "train.compute.save_every=100000",  # a fold takes seconds, and an interrupted one begins again
)


def store_of(data: Path, work: Path, steps: str, size: int) -> FrameStore:
    """The frame store of one of the manifests, prepared unless it is there."""
    config = DataConfig(size=size, flow="pictures")
    return prepare(load_manifest(data / MANIFESTS[steps]), work / f"store-{steps}-{size}", config, jobs=1)


def run_folder(work: Path, name: str) -> Path:
    """Where the run of a row is kept."""
    words = name.replace("w/o", "without").replace(",", "").lower().split()
    return work / "runs" / "-".join(words)


def train(store: FrameStore, folder: Path, name: str, results: Results) -> Row:
    """Train the folds of a row that are not finished, and score it."""
    model, protocol = MODELS[name], ["train.protocol.kind=loso"]
    if results.folds:
        protocol = ["train.protocol.kind=kfold", f"train.protocol.folds={results.folds}"]
    overrides = [*results.settings, *model.settings, *COMPUTE, *protocol, f"train.protocol.seeds={results.seeds}"]
    resume = (folder / "config.yaml").exists()
    scores = cross_validate(store, out=folder, preset=results.preset, overrides=overrides, resume=resume).scores
    run, names = RunResults(folder), scores["class_names"]
    return Row(
        name=name,
        steps=model.steps,
        parameters=sum(parameter.numel() for parameter in build(run.folder.config.model).parameters()),
        seconds_per_fold=round(seconds_per_fold(run), 2),
        clips=scores["num_clips"],
        subjects=scores["num_subjects"],
        scores=scores_of_seeds(run.predictions, names),
        ensemble=scores_of_seeds(mean_over_seeds(run.predictions, names), names) if results.seeds > 1 else None,
        chance=scores["chance"],
        largest_class=scores["largest_class"],
    )


def compare_with_others(work: Path, results: Results, name: str) -> None:
    """Add the comparisons of a row with the others that are finished."""
    finished = {row.name for row in results.rows}
    for first, second in PAIRS:
        if name in (first, second) and {first, second} <= finished:
            runs = [RunResults(run_folder(work, one)) for one in (first, second)]
            names = runs[0].folder.config.model.names
            for ensemble in (False, True)[: 1 + (results.seeds > 1)]:
                rows = [mean_over_seeds(run.predictions, names) if ensemble else run.predictions for run in runs]
                results.comparisons.append(comparison(first, second, ensemble, *rows, names))


def begin(out: Path | None, asked: Results) -> Results:
    """The results of an earlier call with the same options, or an empty file of results."""
    if out is None or not out.exists():
        return asked
    found = Results.read(out)
    for option in ("size", "preset", "settings", "folds", "seeds"):
        if getattr(found, option) != getattr(asked, option):
            raise ATMGCNError(
                f"{out}: was begun with {option} {getattr(found, option)}, not {getattr(asked, option)}; name another "
                "file and folder"
            )
    return found


@click.command()
@click.argument("data", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("work", type=click.Path(path_type=Path, file_okay=False))
@out_option
@click.option("--size", default=28, show_default=True, help="Height and width of the pictures.")
@click.option("--preset", default="demo", show_default=True, help="Settings of all rows.")
@click.option("--set", "settings", multiple=True, help="A setting over the preset, such as train.optim.epochs=30.")
@click.option("--folds", default=0, help="K-fold by subject instead of leave-one-subject-out.")
@click.option("--seeds", default=3, show_default=True)
@click.option("--row", "rows", multiple=True, type=click.Choice(list(MODELS)), help="Row to train; all by default.")
def main(
    data: Path,
    work: Path,
    out: Path | None,
    size: int,
    preset: str,
    settings: Sequence[str],
    folds: int,
    seeds: int,
    rows: Sequence[str],
) -> None:
    """Train every row on the clips in DATA, keeping frame stores and runs in WORK, and print the table."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        asked = Results(machine=describe(), size=size, preset=preset, settings=list(settings), folds=folds, seeds=seeds)
        results = begin(out, asked)
        for name in rows or MODELS:
            if name in {row.name for row in results.rows}:
                continue
            store = store_of(data, work, MODELS[name].steps, size)
            results.rows.append(train(store, run_folder(work, name), name, results))
            compare_with_others(work, results, name)
            results.write(out)
            click.echo(results.rows[-1].model_dump_json())
        click.echo(table(results))
    except ATMGCNError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()

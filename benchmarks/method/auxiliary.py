"""Do strong movements in the training help to recognise weak ones?

    python -m benchmarks.method.auxiliary WORK --out RESULTS.json

Draws faint micro-expressions, and strong macro-expressions of the same people and classes, and trains the preset
``demo`` on the faint ones alone and with the strong ones beside them, by several weights. The held-out person's strong
movements are left out like the faint ones. Stores and runs are kept in WORK; the same command continues after an
interruption.
"""

import logging
from pathlib import Path

import click
from pydantic import Field

from atm_gcn.config import RunConfig
from atm_gcn.data import FrameStore, load_manifest, prepare
from atm_gcn.data.store import AuxiliaryStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.synth import Recording, synthesize
from atm_gcn.training import run_folds
from atm_gcn.training.results.run_results import RunResults
from atm_gcn.training.settings import resolve
from benchmarks.common.machine import describe
from benchmarks.common.results import ResultsFile, Strict

PRESET = "demo"
SETS = {
    "faint": Recording(amplitude=(0.75, 1.5)),
    "strong": Recording(amplitude=(4.0, 8.0), duration=(0.7, 1.5)),
}
WEIGHTS = (None, 0.3, 1.0)
SHARED = ("train.compute.device=cpu", "train.compute.threads=1", "train.compute.save_models=false")


class Row(Strict):
    """Scores of the faint clips; ``weight`` of a strong clip in the training, None without any."""

    weight: float | None
    uf1: float
    uar: float
    acc: float
    uf1_sd: float | None


class Results(ResultsFile):
    program = "auxiliary"
    people: int
    clips_each: int
    seeds: int
    rows: list[Row] = Field(default_factory=list)


def store_of(work: Path, name: str, people: int, clips_each: int) -> FrameStore:
    """The frame store of one of :data:`SETS`."""
    if not (work / name / "store" / "meta.json").exists():
        synthesize(work / name / "clips", people, clips_each, num_classes=3, seed=0, recording=SETS[name])
        prepare(load_manifest(work / name / "clips"), work / name / "store", RunConfig.preset(PRESET).data)
    return FrameStore.open(work / name / "store")


@click.command(help=__doc__)
@click.argument("work", type=click.Path(path_type=Path, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Results file.")
@click.option("--people", default=6, show_default=True)
@click.option("--clips", "clips_each", default=12, show_default=True, help="Clips of each person in each set.")
@click.option("--seeds", default=1, show_default=True)
def main(work: Path, out: Path | None, people: int, clips_each: int, seeds: int) -> None:
    """Train with every weight, and print the scores."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        faint, strong = (store_of(work, name, people, clips_each) for name in SETS)
        results = Results(machine=describe(), people=people, clips_each=clips_each, seeds=seeds)
        for weight in WEIGHTS:
            store = faint if weight is None else AuxiliaryStore(faint, strong)
            more = (
                [] if weight is None else [f"train.optim.auxiliary_weight={weight}", "train.protocol.auxiliary=strong"]
            )
            overrides = [*SHARED, f"train.protocol.seeds={seeds}", *more]
            base = RunConfig.preset(PRESET)
            config = resolve(base.override(overrides), base, store, overrides)
            folder = work / f"run-{'alone' if weight is None else weight:}"
            run_folds(config, store, folder, resume=True)
            metrics = RunResults(folder).metrics
            spread = metrics.get("std", {}).get("uf1")
            row = Row(weight=weight, **{name: metrics[name] for name in ("uf1", "uar", "acc")}, uf1_sd=spread)
            results.rows.append(row)
            click.echo(f"weight {weight}: UF1 {row.uf1:.3f} UAR {row.uar:.3f} ACC {row.acc:.3f}")
        results.write(out)
    except ATMGCNError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()

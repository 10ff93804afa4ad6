"""How do the networks of Tables I to III compare under one protocol, and what is choosing the epoch by the test worth?

    python -m benchmarks.method.peers WORK --out RESULTS.json              72 drawn clips of 6 people
    python -m benchmarks.method.peers WORK --real DATA --out RESULTS.json  pictures of optical flow of real people

Frame stores and runs are kept in WORK; the same command continues after an interruption. See peers.md.
"""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click
from pydantic import Field

from atm_gcn.config import DataConfig, RunConfig
from atm_gcn.data import FrameStore, load_manifest, prepare
from atm_gcn.defaults import BUDGETS, Budget
from atm_gcn.errors import ATMGCNError, did_you_mean, either
from atm_gcn.synth import synthesize
from atm_gcn.training import run_folds
from atm_gcn.training.comparison.models import Comparison, compare_models
from atm_gcn.training.execution import PoolExecutor, SerialExecutor
from atm_gcn.training.preflight import check_run
from atm_gcn.training.settings import requested, resolve, with_view_of
from benchmarks.common.machine import describe
from benchmarks.common.results import ResultsFile, Strict, out_option

PRESET = "demo"
DRAWN = {  # epochs that differ from the authors', by model
    "atm-gcn": None,
    "majority": None,
    "lbp-top": None,
    "ststnet": None,
    "off-apexnet": None,
    "bdcnn": None,
    "htnet": 20,
    "nmer": 20,
    "mmnet": 10,
    "resnet-apex": None,
    "resnet-pair": None,
    "c3d": None,
    "lstm": None,
}
REAL = {
    "atm-gcn": None,
    "majority": None,
    "ststnet": None,
    "off-apexnet": 300,
    "bdcnn": 15,
    "htnet": 4,
    "nmer": 3,
    "lstm": None,
}
SHARED = (
    "train.protocol.audit_peeking=true",
    "train.compute.save_models=false",
    "train.compute.device=cpu",
    "train.compute.threads=1",
    "train.compute.precision=float32",
    "train.compute.compile=false",
    "train.compute.save_every=20",
)
UNMIRRORED = "train.augment.flip=false"  # pictures of flow were chosen to be read as they are


class Row(Strict):
    """A model of the table; see :class:`~atm_gcn.training.comparison.tables.ComparisonRow`."""

    model: str
    title: str
    settings: str
    parameters: int | None
    gmac: float | None
    seconds_per_fold: float | None
    scores: dict[str, float]
    std: dict[str, float] | None
    intervals: dict[str, tuple[float, float]]
    difference: dict[str, float] | None
    adjusted_p: dict[str, float] | None


class Results(ResultsFile):
    """The table and the audit; ``readings`` are UF1 by the title of a model and the name of a reading."""

    program = "peers"
    clips: str
    budget: Budget
    seeds: int
    num_clips: int
    num_subjects: int
    chance: dict[str, float]
    rows: list[Row]
    mean_ranks: dict[str, float] = Field(default_factory=dict)
    readings: dict[str, dict[str, float]]


def drawn_store(work: Path) -> FrameStore:
    """The clips of ``make demo`` with optical flow."""
    config = RunConfig.preset(PRESET).data.model_copy(update={"flow": "dis"})
    if not (work / "store-demo" / "meta.json").exists():
        synthesize(work / "clips", subjects=6, clips_per_subject=12, num_classes=3, seed=0)
        prepare(load_manifest(work / "clips"), work / "store-demo", config)
    return FrameStore.open(work / "store-demo")


def real_store(work: Path, data: Path) -> FrameStore:
    """Pictures of optical flow."""
    if not (work / "store-rm" / "meta.json").exists():
        prepare(load_manifest(data), work / "store-rm", DataConfig(size=28, flow="pictures"), jobs=1)
    return FrameStore.open(work / "store-rm")


def config_of(store: FrameStore, model: str, epochs: int | None, budget: Budget, *more: str) -> RunConfig:
    """The settings of a model."""
    base = with_view_of(store, RunConfig.preset(PRESET))
    own = [f"train.optim.epochs={epochs}"] if epochs and budget == "authors" else []
    overrides = [*SHARED, *more, *own]
    config = resolve(*requested(base, None, overrides, model, budget), store, overrides)
    check_run(config, store)
    return config


def results_of(found: Comparison, clips: str, budget: Budget, seeds: int) -> Results:
    """The results file of a comparison."""
    rows = [
        Row(
            difference=row.differences and {key: gap.value for key, gap in row.differences.items()},
            **{name: getattr(row, name) for name in Row.model_fields if name != "difference"},
        )
        for row in found.rows
    ]
    ranks = dict(zip(found.ranks.titles, map(float, found.ranks.mean_ranks), strict=True)) if found.ranks else {}
    readings = {
        title: {name: values["uf1"] for name, values in audit.readings.items()} for title, audit in found.audits.items()
    }
    return Results(
        machine=describe(),
        clips=clips,
        budget=budget,
        seeds=seeds,
        num_clips=found.metrics["num_clips"],
        num_subjects=found.metrics["num_subjects"],
        chance=found.metrics["chance"],
        rows=rows,
        mean_ranks=ranks,
        readings=readings,
    )


@click.command()
@click.argument("work", type=click.Path(path_type=Path, file_okay=False))
@out_option
@click.option("--real", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Pictures of optical flow.")
@click.option("--budget", default="authors", show_default=True, type=click.Choice(BUDGETS))
@click.option("--model", "models", multiple=True, help="Models to compare; all by default.")
@click.option("--seeds", default=3, show_default=True)
@click.option("--jobs", default=1, show_default=True)
def main(
    work: Path, out: Path | None, real: Path | None, budget: Budget, models: Sequence[str], seeds: int, jobs: int
) -> None:
    """Train every model that is not trained yet, write the tables below WORK, and print them."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        known, clips = (DRAWN, "demo") if real is None else (REAL, "rm")
        for name in models:
            if name not in known:
                raise ATMGCNError(f"--model must be {either(known)}, not {name!r}{did_you_mean(name, known)}")
        store = drawn_store(work) if real is None else real_store(work, real)
        more = [f"train.protocol.seeds={seeds}", *([] if real is None else [UNMIRRORED])]
        configs = {name: config_of(store, name, known[name], budget, *more) for name in models or known}
        run: Callable = partial(run_folds, executor=PoolExecutor(jobs) if jobs > 1 else SerialExecutor())
        folder = work / (clips if budget == "authors" else f"{clips}-{budget}")
        found = compare_models(
            configs, store, folder, lambda config, one, resume: run(config, store, one, resume), budget, resume=True
        )
        results_of(found, "drawn" if real is None else "real motion", budget, seeds).write(out)
        click.echo(found.to_text())
    except ATMGCNError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()

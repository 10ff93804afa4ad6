"""How do the networks of other authors compare under one protocol, and what is choosing the epoch by the test worth?

    python -m benchmarks.method.peers WORK --out RESULTS.json              72 drawn clips of 6 people
    python -m benchmarks.method.peers WORK --real DATA --out RESULTS.json  pictures of optical flow of real people

Frame stores and runs are kept in WORK; the same command continues after an interruption. Rows are added to RESULTS.json
as they come. See peers.md.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import click

from atm_gcn.config import DataConfig, RunConfig
from atm_gcn.data import FrameStore, load_manifest, prepare
from atm_gcn.defaults import BUDGETS, Budget
from atm_gcn.errors import ATMGCNError, did_you_mean, either
from atm_gcn.synth import synthesize
from atm_gcn.training import run_folds
from atm_gcn.training.comparison.models import epochs_of, model_record, seconds_per_fold
from atm_gcn.training.comparison.peeking import table as peeking_table
from atm_gcn.training.comparison.peeking.audit import audit
from atm_gcn.training.comparison.peeking.figure import draw_peeking
from atm_gcn.training.comparison.rank_figure import draw_ranks
from atm_gcn.training.comparison.ranks import rank_models
from atm_gcn.training.comparison.tables import comparison_rows, to_markdown
from atm_gcn.training.execution import PoolExecutor, SerialExecutor
from atm_gcn.training.preflight import check_run
from atm_gcn.training.results.run_results import RunResults
from atm_gcn.training.settings import requested, resolve, with_view_of
from benchmarks.common.machine import describe
from benchmarks.method.peers_results import Results, Row, counts_of

PRESET = "demo"


def _epochs(count: int) -> str:
    return f"train.optim.epochs={count}"


DRAWN: dict[str, tuple[str, ...]] = {  # settings that differ from the authors', by model
    "atm-gcn": (),
    "majority": (),
    "lbp-top": (),
    "ststnet": (),
    "off-apexnet": (_epochs(600),),
    "bdcnn": (_epochs(50),),
    "htnet": (_epochs(20),),
    "nmer": (_epochs(10),),
    "mmnet": (_epochs(3),),
    "resnet-apex": (),
    "resnet-pair": (),
    "c3d": (),
    "lstm": (),
}
REAL: dict[str, tuple[str, ...]] = {
    "atm-gcn": (),
    "majority": (),
    "ststnet": (),
    "off-apexnet": (_epochs(100),),
    "bdcnn": (_epochs(5),),
    "htnet": (_epochs(3),),
    "nmer": (_epochs(1),),
    "lstm": (),
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
PROTOCOL = "leave-one-subject-out, last epoch"
UNMIRRORED = "train.augment.flip=false"  # pictures of flow were chosen to be read as they are


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


def config_of(store: FrameStore, model: str, own: Sequence[str], budget: Budget, *more: str) -> RunConfig:
    """The settings of a model."""
    base = with_view_of(store, RunConfig.preset(PRESET))
    overrides = [*SHARED, *more, *(own if budget == "authors" else [])]
    config = resolve(*requested(base, None, overrides, model, budget), store, overrides)
    check_run(config, store)
    return config


def row_of(name: str, config: RunConfig, store: FrameStore, folder: Path, budget: Budget) -> Row:
    """The row of a finished run."""
    run, described = RunResults(folder), model_record(name, config, store, budget)
    epochs, classes = epochs_of(run), run.metrics["class_names"]
    return Row(
        **described.model_dump(),
        seconds_per_fold=round(seconds_per_fold(run), 2),
        counts=counts_of(run.predictions, classes),
        readings=audit(epochs, len(classes)).readings if epochs else None,
    )


def begin(out: Path, asked: Results) -> Results:
    """The results of an earlier call with the same options, or an empty file of results."""
    if not out.exists():
        return asked
    found = Results.read(out)
    for option in ("clips", "budget", "seeds", "classes"):
        if getattr(found, option) != getattr(asked, option):
            raise ATMGCNError(f"{out}: was begun with {option} {getattr(found, option)}; name another file")
    return found


def show(results: Results, figures: Path | None) -> None:
    """Print the table, the ranks and the audit as Markdown, and draw them below ``figures``."""
    models, audits = results.compared(), results.audits()
    click.echo(to_markdown(comparison_rows(models), models[0].metrics))
    if audits:
        click.echo(peeking_table.to_markdown(audits))
    if figures is not None and len(models) > 1:
        slug = results.clips.replace(" ", "-")
        draw_ranks(rank_models({one.title: one.predictions for one in models}), figures / f"peers-{slug}-ranks.png")
        draw_peeking(audits, figures / f"peers-{slug}-peeking.png", chance=models[0].metrics["chance"]["uf1"])


@click.command()
@click.argument("work", type=click.Path(path_type=Path, file_okay=False))
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Results file.")
@click.option("--real", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Pictures of optical flow.")
@click.option("--budget", default="authors", show_default=True, type=click.Choice(BUDGETS))
@click.option("--model", "models", multiple=True, help="Models to train; all by default.")
@click.option("--seeds", default=3, show_default=True)
@click.option("--jobs", default=1, show_default=True)
@click.option("--figures", type=click.Path(path_type=Path, file_okay=False), help="Folder to draw figures in.")
def main(
    work: Path,
    out: Path,
    real: Path | None,
    budget: Budget,
    models: Sequence[str],
    seeds: int,
    jobs: int,
    figures: Path | None,
) -> None:
    """Train the models that have no row in RESULTS yet, add their rows as they come, and print the tables."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        known, clips = (DRAWN, "drawn") if real is None else (REAL, "real motion")
        for name in models:
            if name not in known:
                raise ATMGCNError(f"--model must be {either(known)}, not {name!r}{did_you_mean(name, known)}")
        store = drawn_store(work) if real is None else real_store(work, real)
        more = [f"train.protocol.seeds={seeds}", *([] if real is None else [UNMIRRORED])]
        asked = {"clips": clips, "budget": budget, "seeds": seeds, "classes": store.classes, "protocol": PROTOCOL}
        results = begin(out, Results(machine=describe(), **asked))
        executor = PoolExecutor(jobs) if jobs > 1 else SerialExecutor()
        for name in models or known:
            if name in {row.model for row in results.rows}:
                continue
            config = config_of(store, name, known[name], budget, *more)
            folder = work / f"{clips.partition(' ')[0]}-{budget}" / name
            run_folds(config, store, folder, resume=True, executor=executor)
            results = begin(out, results)  # with the rows that other processes have added
            results.rows.append(row_of(name, config, store, folder, budget))
            results.rows.sort(key=lambda row: list(known).index(row.model))
            results.write(out)
        show(results, figures)
    except ATMGCNError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()

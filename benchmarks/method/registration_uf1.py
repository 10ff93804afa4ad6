"""Does registration to the onset keep a model as good when heads move?

    python -m benchmarks.method.registration_uf1 FOLDER --out RESULTS.json

Drawn clips are prepared with and without registration, and a model of the preset demo is trained with every subject
held out once, by the same commands that a user runs. Rows are added to RESULTS.json as they come; the same command
continues after an interruption. See registration.md.
"""

import json
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import click
import numpy as np

from atm_gcn.data import FrameStore
from atm_gcn.synth import Recording, synthesize
from benchmarks.common.machine import describe
from benchmarks.common.results import ResultsFile, Strict
from benchmarks.method.registration import turn_of

FIRST = (0.0, 4.0)  # drifts that are measured before others
GRAPH = ("model.adaptive_start=difference", "model.forgetting_rate=0.1")
"""The defaults when the first rows were measured, which rows that are added must share."""


class Row(Strict):
    """One run: pooled scores over all held-out subjects.

    Args:
        drift: Standard deviation of the head's position, in pixels of 224; ``turn`` that of its tilt, in degrees.
        kind: Kind of registration, or ``"none"``.
        seed: Of the clips and of the training.
        unregistered: Clips that registration left as they are.
    """

    drift: float
    turn: float
    kind: str
    seed: int
    clips: int
    unregistered: int
    uf1: float
    uar: float
    acc: float


class Results(ResultsFile):
    program = "registration-uf1"
    subjects: int
    clips_per_subject: int
    settings: list[str]
    rows: list[Row]


def run(folder: Path, results: Results, drift: float, kind: str, seed: int) -> Row:
    """Draw, prepare and train; what is there already is used again."""
    clips = folder / f"clips-{drift:g}-{seed}"
    if not clips.exists():
        recording = Recording(drift=drift, turn=turn_of(drift))
        synthesize(clips, results.subjects, results.clips_per_subject, seed=seed, recording=recording)
    work = folder / f"{drift:g}-{kind}-{seed}"
    settings = [part for setting in results.settings for part in ("--set", setting)]
    if not (work / "store" / "meta.json").exists():
        _command("prepare", "manifest", clips, work / "store", *settings, "--set", f"data.register={kind}")
    resume = ["--resume"] if (work / "run").exists() else []
    given = [part for setting in (*GRAPH, *results.settings) for part in ("--set", setting)]
    _command("train", work / "store", work / "run", *given, "--set", f"train.protocol.seed={seed}", *resume)
    scores = json.loads((work / "run" / "metrics.json").read_text())
    store = FrameStore.open(work / "store")
    row = Row(
        drift=drift,
        turn=turn_of(drift),
        kind=kind,
        seed=seed,
        clips=len(store),
        unregistered=0 if kind == "none" else sum(_is_unregistered(store, index) for index in range(len(store))),
        **{name: round(scores[name], 4) for name in ("uf1", "uar", "acc")},
    )
    shutil.rmtree(work)
    return row


def table(rows: list[Row]) -> str:
    """Mean UF1 over the seeds of every drift and kind, each seed's in brackets, as a table of Markdown."""
    kinds = sorted({row.kind for row in rows}, key=("none", "translation", "similarity", "affine").index)
    lines = [f"| drift, tilt | {' | '.join(kinds)} | unregistered clips |", "| :-- |" + " --: |" * (len(kinds) + 1)]
    for drift in sorted({row.drift for row in rows}):
        cells, unregistered = [], 0
        for kind in kinds:
            found = sorted((row for row in rows if (row.drift, row.kind) == (drift, kind)), key=lambda row: row.seed)
            unregistered += sum(row.unregistered for row in found)
            seeds = ", ".join(f"{row.uf1:.3f}" for row in found)
            cells.append(f"{np.mean([row.uf1 for row in found]):.3f} ({seeds})" if found else "")
        lines.append(f"| {drift:g} px, {turn_of(drift):.2g}° | {' | '.join(cells)} | {unregistered} |")
    return "\n".join(lines)


def _is_unregistered(store: FrameStore, index: int) -> bool:
    path = store.registration(index)
    return path is None or bool((np.asarray(path) == np.eye(2, 3)).all())


def _command(name: str, *arguments: object) -> None:
    command = [sys.executable, "-m", "atm_gcn", name, *map(str, arguments), "--preset", "demo", "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Results file.")
@click.option("--drift", "drifts", type=float, multiple=True, default=(0, 1, 2, 4, 8), show_default=True)
@click.option("--register", "kinds", multiple=True, default=("none", "similarity"), show_default=True)
@click.option("--seeds", default=3, show_default=True)
@click.option("--subjects", default=6, show_default=True)
@click.option("--clips-per-subject", default=12, show_default=True)
@click.option("--set", "settings", multiple=True, help="A setting of prepare and train, such as train.optim.epochs=2.")
def main(
    folder: Path,
    out: Path,
    drifts: tuple[float, ...],
    kinds: tuple[str, ...],
    seeds: int,
    subjects: int,
    clips_per_subject: int,
    settings: tuple[str, ...],
) -> None:
    """Measure pooled UF1 with and without registration."""
    if out.exists():
        results = Results.read(out)
    else:
        results = Results(
            machine=describe(),
            subjects=subjects,
            clips_per_subject=clips_per_subject,
            settings=list(settings),
            rows=[],
        )
    done = {(row.drift, row.kind, row.seed) for row in results.rows}
    runs = product(range(seeds), drifts, kinds)
    for seed, drift, kind in sorted(runs, key=lambda run: (run[1] not in FIRST, run[0])):
        if (drift, kind, seed) in done:
            continue
        row = run(folder, results, drift, kind, seed)
        results.rows.append(row)
        results.write(out)
        click.echo(row.model_dump_json())
    click.echo(table(results.rows))


if __name__ == "__main__":
    main()

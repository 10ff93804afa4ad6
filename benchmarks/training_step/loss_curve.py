"""Does the loss fall the same with every acceleration switch on as with all off?

One fold of drawn faces with the paper's encoder at full width: the same seed with the switches off and on, and another
seed with them off as a measure of ordinary differences. See README.md beside this file.
"""

import tempfile
from pathlib import Path
from typing import Any

import click
import torch

from atm_gcn.config import RunConfig
from atm_gcn.data import FrameStore, load_manifest, prepare
from atm_gcn.errors import require
from atm_gcn.files import replacing
from atm_gcn.machine import Machine as Limits
from atm_gcn.synth import synthesize
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.preflight import resolve
from benchmarks.common.limits import lacks, lines_of
from benchmarks.common.machine import describe
from benchmarks.common.results import LeftOut, ResultsFile, Strict, out_option

OFF = {"precision": "float32", "compile": False, "checkpoint": False, "channels_last": False}


class Curve(Strict):
    """Loss and training accuracy per epoch, total seconds, and correct predictions on the held-out clips."""

    name: str
    switches: dict[str, Any]
    seed: int
    losses: list[float]
    accuracies: list[float]
    seconds: float
    right: int
    held_out: int


class Results(ResultsFile):
    program = "loss-curve"
    clips: int
    size: int
    epochs: int
    curves: list[Curve]


def switches_on(limits: Limits, compile: bool) -> tuple[dict[str, Any], list[LeftOut]]:
    """The switches that a machine supports, and those that it does not."""
    why = {"bfloat16": lacks(limits, bfloat16=True), "compile": lacks(limits, compile=True) if compile else ""}
    on = {
        "precision": "float32" if why["bfloat16"] else "bfloat16",
        "compile": compile and not why["compile"],
        "checkpoint": True,
        "channels_last": True,
    }
    return on, [LeftOut(what=what, why=reason) for what, reason in why.items() if reason]


def train(store: FrameStore, name: str, switches: dict[str, Any], seed: int, epochs: int, lr: float) -> Curve:
    """Train one fold and keep its log."""
    base = RunConfig.preset("small")
    train = {
        "optim": {"epochs": epochs, "lr": lr},
        "protocol": {"seed": seed},
        "compute": {"device": "cpu", **switches},
    }
    config = base.merge({"train": train})
    subject = store.subjects[0]
    result = train_fold(resolve(config, config, store), store, subject)
    right = (result.probabilities.argmax(dim=1) == torch.tensor(result.labels)).sum()
    return Curve(
        name=name,
        switches=switches,
        seed=seed,
        losses=[record["loss"] for record in result.log],
        accuracies=[record["acc"] for record in result.log],
        seconds=sum(record["seconds"] for record in result.log),
        right=int(right),
        held_out=len(result.labels),
    )


def plot(results: Results, path: Path) -> None:
    """Draw the losses."""
    pyplot = require("matplotlib.pyplot", "train", "drawing the loss curves")
    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    for curve, style in zip(results.curves, ("-", "--", ":"), strict=False):
        axes.plot(range(1, results.epochs + 1), curve.losses, style, label=f"{curve.name}, {curve.seconds:.0f} s")
    axes.set(xlabel="epoch", ylabel="focal loss, training clips", title="One fold of drawn faces, preset small")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    with replacing(path) as partial:
        figure.savefig(partial, dpi=110, format="png")
    pyplot.close(figure)


@click.command(help=__doc__)
@click.option("--subjects", default=4, show_default=True)
@click.option("--clips", default=6, show_default=True, help="Clips of each subject.")
@click.option("--size", default=64, show_default=True, help="Height and width of a frame.")
@click.option("--epochs", default=15, show_default=True)
@click.option("--lr", default=1e-3, show_default=True)
@click.option("--compile", is_flag=True, help="Compile where the switches are on.")
@out_option
def main(subjects: int, clips: int, size: int, epochs: int, lr: float, compile: bool, out: Path | None) -> None:
    """Train three times; write the results file and the plot."""
    on, left_out = switches_on(Limits.of(torch.device("cpu")), compile)
    with tempfile.TemporaryDirectory() as name:
        manifest = synthesize(Path(name) / "clips", subjects, clips, 3, max(64, size), 0)
        data = RunConfig().merge({"data": {"size": size, "fps": 30.0}}).data
        store = prepare(load_manifest(manifest), Path(name) / "store", data)
        wanted = (("switches off", OFF, 0), ("switches on", on, 0), ("switches off, another seed", OFF, 1))
        curves = [train(store, title, switches, seed, epochs, lr) for title, switches, seed in wanted]
    results = Results(
        machine=describe(),
        clips=subjects * clips,
        size=size,
        epochs=epochs,
        curves=curves,
        left_out=left_out,
    )
    path = results.write(out)
    plot(results, path.with_suffix(".png") if out else Path(__file__).parent / "loss_curve.png")
    for curve in curves:
        losses = " ".join(f"{loss:.3f}" for loss in curve.losses)
        click.echo(f"{curve.name}, {curve.seconds:.0f} s, {curve.right}/{curve.held_out} right: {losses}")
    click.echo(lines_of(left_out).strip())


if __name__ == "__main__":
    main()

"""``atm-gcn train``: leave one subject out."""

from pathlib import Path
from typing import Any

import click


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--preset", default="small", show_default=True, help="Settings to start from: small, large or demo.")
@click.option("--config", "file", type=click.Path(path_type=Path), help="YAML file with settings over the preset's.")
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="One setting, such as train.epochs=3; repeatable."
)
@click.option("--device", help="auto, cpu, cuda, cuda:1, ...; over train.device.")
@click.option("--resume", is_flag=True, help="Go on with the run in OUT; finished folds are kept.")
@click.option("--dry-run", is_flag=True, help="Check settings and data, take one training step, write nothing.")
def train(
    data: Path,
    out: Path,
    preset: str,
    file: Path | None,
    overrides: tuple[str, ...],
    device: str | None,
    resume: bool,
    dry_run: bool,
) -> None:
    """Train and test, leaving one subject out.

    Every subject of the frame store DATA is held out once. Prints the pooled UF1, UAR and accuracy, a table of the
    classes and the confusion matrix. The folder OUT gets config.yaml, metrics.json, predictions.csv, confusion.png, and
    for every fold its model and log.
    """
    from atm_gcn.config import RunConfig
    from atm_gcn.data import FrameStore
    from atm_gcn.training import preflight
    from atm_gcn.training.run import run_folds
    from atm_gcn.training.run_folder import RunFolder
    from atm_gcn.training.summary import to_text

    base = RunConfig.preset(preset)
    overrides += (f"train.device={device}",) if device else ()
    asked = RunConfig.load(file, base, overrides) if file else base.override(overrides)
    store = FrameStore.open(data)
    config = preflight.resolve(asked, base, store)
    if dry_run:
        RunFolder(out).check(config, store, resume)
        click.echo(_describe(preflight.dry_run(config, store)))
        return
    metrics = run_folds(config, store, out, resume)
    click.echo(to_text(metrics))


def _describe(step: dict[str, Any]) -> str:
    return (
        f"{step['folds']} folds over {step['clips']} clips of {len(step['classes'])} classes "
        f"({', '.join(step['classes'])})\n"
        f"model of {step['parameters']:,} parameters\n"
        f"one step on {step['batch_clips']} clips, {step['batch_frames']} frames: loss {step['loss']:.4f}, "
        f"{step['seconds']:.2f} s\n"
        "nothing was written"
    )

"""``atm-gcn report``: what a finished run found."""

from pathlib import Path

import click

from atm_gcn.cli._types import PATH

EXAMPLES = """\b
Example:
  atm-gcn report RUN --out report.html
"""


@click.command(epilog=EXAMPLES)
@click.argument("run", type=PATH)
@click.option("--store", type=PATH, help="The run's frame store, if it is no longer where it was.")
@click.option("--out", type=PATH, help="Page to write; by default report.html in the run's folder.")
def report(run: Path, store: Path | None, out: Path | None) -> None:
    """Print the scores of a finished run, and write them with all that belongs to them into one HTML page.

    The page has the protocol, the scores of classes and subjects, the curves of every fold, and the clips that were
    called most wrongly with what the model saw of them. It needs no network, and can be sent to somebody as it is.
    """
    from atm_gcn.report import write_report
    from atm_gcn.training.results import run_metrics
    from atm_gcn.training.summary import to_text

    click.echo(to_text(run_metrics(run)))
    page = run / "report.html" if out is None else out
    trouble = write_report(run, page, store)
    if trouble:
        click.echo(f"without pictures of clips: {trouble}", err=True)
    click.echo(f"\nwritten into {page}")

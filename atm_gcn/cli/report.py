"""``atm-gcn report``: what a finished run found."""

from pathlib import Path

import click

from atm_gcn.cli._shared.builder_option import BUILD_MODEL, imported
from atm_gcn.cli._shared.outputs import FORCE, OutputFile, check_outputs
from atm_gcn.cli._shared.printing import echo
from atm_gcn.cli._shared.types import PATH
from atm_gcn.files.escaping import escape
from atm_gcn.files.outputs import STANDARD_OUTPUT
from atm_gcn.files.refusals import refuse_link

EXAMPLES = """\b
Example:
  atm-gcn report RUN --out report.html
"""


@click.command(epilog=EXAMPLES)
@click.argument("run", type=PATH)
@click.option("--store", type=PATH, help="The run's frame store, if it is no longer where it was.")
@click.option("--out", type=OutputFile(), help="Page to write; by default report.html in the run's folder.")
@FORCE
@BUILD_MODEL
def report(run: Path, store: Path | None, out: Path | None, force: bool, builder: str | None) -> None:
    """Print the scores of a finished run, and write them with all that belongs to them into one HTML page.

    The page has the protocol, the scores of classes and subjects, the curves of every fold, and the clips that were
    called most wrongly with what the model saw of them. It needs no network, and can be sent to somebody as it is. An
    existing page is replaced if atm-gcn wrote it; --out - writes to standard output, and the scores to standard error.
    """
    from atm_gcn.report import write_report
    from atm_gcn.training.results.run_results import RunResults
    from atm_gcn.training.results.summary import to_text

    page, results = out, RunResults(run)
    if page is None:
        page = run / "report.html"
        refuse_link(page)
    scores, aside = to_text(results.metrics), page == STANDARD_OUTPUT
    check_outputs({"--out": page}, [run, store or Path(results.folder.record.store.path)], force)
    echo(scores, err=aside)
    trouble = write_report(results, page, store, imported(builder))
    if trouble:
        echo(escape(f"without pictures of clips: {trouble}"), err=True)
    if not aside:
        echo(f"\nwritten into {escape(str(page))}")

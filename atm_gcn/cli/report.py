"""``atm-gcn report``: the scores of a finished run or comparison, and an HTML page."""

from pathlib import Path

import click

from atm_gcn.cli._shared.builder_option import BUILD_MODEL, imported
from atm_gcn.cli._shared.outputs import FORCE, OutputFile, check_outputs, name_written
from atm_gcn.cli._shared.printing import echo
from atm_gcn.cli._shared.types import PATH
from atm_gcn.errors import ATMGCNError
from atm_gcn.files.escaping import escape
from atm_gcn.files.outputs import STANDARD_OUTPUT
from atm_gcn.files.refusals import refuse_link

EXAMPLES = """\b
Examples:
  atm-gcn report RUN --out report.html
  atm-gcn report COMPARISON
"""


@click.command(short_help="Print the scores of a run, and write a page.", epilog=EXAMPLES)
@click.argument("run", type=PATH)
@click.option("--store", type=PATH, help="The run's frame store, if it was moved.")
@click.option("--out", type=OutputFile(), help="File to write; by default report.html in the run's folder.")
@FORCE
@BUILD_MODEL
def report(run: Path, store: Path | None, out: Path | None, force: bool, builder: str | None) -> None:
    """Print the scores of a finished run, and write a report as one HTML page.

    The page shows the protocol, the scores by class and by subject, the training curves of every fold, and the worst
    mistakes with the model's attention. It is a single file that needs no network. An existing page is replaced if
    atm-gcn wrote it. With --out -, the page goes to standard output and the scores to standard error.

    RUN may also be the folder of atm-gcn compare or spot-and-recognise; the page then shows its tables and figures.
    """
    from atm_gcn.spotting.layout import is_spotting_run
    from atm_gcn.training.comparison.record import is_comparison

    if is_comparison(run) or is_spotting_run(run):
        what, write = ("a comparison", _report_comparison) if is_comparison(run) else ("long videos", _report_spotting)
        for option, given in {"store": store, "build-model": builder}.items():
            if given is not None:
                raise ATMGCNError(f"--{option} is for the report of a run, and {run} is one of {what}; leave it out")
        write(run, out, force)
        return
    from atm_gcn.report import write_report
    from atm_gcn.training.results.outcomes import scores_text
    from atm_gcn.training.results.run_results import RunResults

    page, results = out, RunResults(run)
    if page is None:
        page = run / "report.html"
        refuse_link(page)
    scores, to_stderr = scores_text(results.metrics), page == STANDARD_OUTPUT
    data = [store] if store else results.folder.record.store.paths
    check_outputs({"--out": page}, [run, *data], force)
    echo(scores, err=to_stderr)
    no_pictures = write_report(results, page, store, imported(builder))
    if no_pictures:
        echo(escape(f"the report has no pictures of clips: {no_pictures}"), err=True)
    name_written([page])


def _report_spotting(folder: Path, out: Path | None, force: bool) -> None:
    from atm_gcn.report.spotting_page import write_spotting_page
    from atm_gcn.spotting.layout import SpottingFolder
    from atm_gcn.spotting.results import read_results

    page = _page_of(folder, out, force)
    results = read_results(folder)
    echo(results.to_text(), err=page == STANDARD_OUTPUT)
    write_spotting_page(SpottingFolder(folder), results, page)
    name_written([page])


def _page_of(folder: Path, out: Path | None, force: bool) -> Path:
    page = out or folder / "report.html"
    if out is None:
        refuse_link(page)
    check_outputs({"--out": page}, [folder], force)
    return page


def _report_comparison(folder: Path, out: Path | None, force: bool) -> None:
    from atm_gcn.report.comparison_page import write_comparison_page
    from atm_gcn.training.comparison.models import read_comparison

    page = _page_of(folder, out, force)
    comparison = read_comparison(folder)
    echo(comparison.to_text(), err=page == STANDARD_OUTPUT)
    write_comparison_page(comparison, folder, page)
    name_written([page])

"""Writing report.html: one file that needs no network."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from atm_gcn.files import writing
from atm_gcn.files.writing import encoded
from atm_gcn.report.content import gather
from atm_gcn.report.rendering import render_template
from atm_gcn.training.results.run_results import RunResults
from atm_gcn.training.results.score_notes import interval_text

if TYPE_CHECKING:
    from atm_gcn.building import Builder


def write_report(
    run: str | Path | RunResults, out: str | Path, store: str | Path | None = None, build_model: "Builder | None" = None
) -> str:
    """Write the report of a finished run, whole or not at all.

    Args:
        run: The run's folder, or its results if they were read already.
        out: File to write.
        store: Where the run's frame store lies; by default its path when the run was started. Without it, the page
            states why it has no thumbnails.
        build_model: Builder of the models, unless they are the library's own; thumbnails need the models.

    Returns:
        Why there are no thumbnails; empty if there are thumbnails.

    Raises:
        ATMGCNError: If the run is not finished, a file of it is damaged, or ``out`` cannot be written.
    """
    results = run if isinstance(run, RunResults) else RunResults(run)
    content = gather(results, None if store is None else Path(store), build_model)
    with writing(out) as partial:
        partial.write_bytes(encoded(out, render(content)))
    return content.get("no_pictures", "")


def render(content: dict[str, Any]) -> str:
    """Render the page as HTML."""
    return render_template("report.html", content, {"interval": interval_text})

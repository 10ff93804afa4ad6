"""Writing report.html: one file that needs no network."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from atm_gcn.files import writing
from atm_gcn.files.escaping import escape_lines
from atm_gcn.files.outputs import GENERATOR
from atm_gcn.files.writing import encoded
from atm_gcn.report.content import gather
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
    """Render the page as HTML.

    Names of classes and subjects come from untrusted tables: they are escaped for HTML, and control characters and
    direction marks in them are shown as escapes.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("atm_gcn.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.globals["generator"] = GENERATOR
    environment.filters["interval"] = interval_text
    return environment.get_template("report.html").render(content)


def _finalize(value: Any) -> Any:
    return escape_lines(value) if type(value) is str else value  # Markup is a subclass that is already escaped

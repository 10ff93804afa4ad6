"""From a run to report.html: one file, which asks the network for nothing."""

from pathlib import Path
from typing import Any

import jinja2

from atm_gcn.files import write_text
from atm_gcn.report.content import gather
from atm_gcn.training.run_folder import RunFolder


def write_report(run: str | Path, out: str | Path, store: str | Path | None = None) -> str:
    """Write the page of a finished run, whole or not at all.

    Args:
        run: The run's folder.
        out: File to write.
        store: Where the run's frame store lies; by default where it lay when the run was begun. Without it the page
            has no thumbnails, and says so.

    Returns:
        Why there are no thumbnails; empty if there are.

    Raises:
        ATMGCNError: If the run is not finished, a file of it is damaged, or ``out`` cannot be written.
    """
    content = gather(RunFolder(run), None if store is None else Path(store))
    write_text(out, render(content))
    return content.get("trouble", "")


def render(content: dict[str, Any]) -> str:
    """The page as HTML. Names of classes and subjects are escaped: they come from other people's tables."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("atm_gcn.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html").render(content)

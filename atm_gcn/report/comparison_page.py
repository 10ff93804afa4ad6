"""Writing the page of a comparison of models: one HTML file that needs no network."""

import base64
from pathlib import Path
from typing import Any, NamedTuple

from atm_gcn.files import writing
from atm_gcn.files.writing import encoded
from atm_gcn.metrics import SCORES
from atm_gcn.report.rendering import render_template
from atm_gcn.training.comparison.models import PEEKING_FIGURE, RANKS, Comparison
from atm_gcn.training.comparison.peeking.table import points_text
from atm_gcn.training.comparison.tables import ComparisonRow, adjusted_text, by_settings, cost_cells, note
from atm_gcn.training.results.score_notes import interval_text

COLUMNS = (
    ("model", "text"),
    ("UF1", "number"),
    ("UAR", "number"),
    ("ACC", "number"),
    ("parameters", "number"),
    ("GMAC", "number"),
    ("s per fold", "number"),
    ("first - this, UF1", "number"),
    ("p", "number"),
)


class Cell(NamedTuple):
    """A cell of the table: its text, the number by which the column is sorted, and the small print below."""

    text: str
    value: float | None = None
    small: str = ""


def write_comparison_page(comparison: Comparison, folder: Path, out: str | Path) -> None:
    """Write the page of a comparison, whole or not at all.

    Args:
        comparison: Of :func:`~atm_gcn.training.comparison.models.read_comparison`.
        folder: Its folder, whose figures are shown where they were drawn.
        out: File to write.

    Raises:
        ATMGCNError: If ``out`` cannot be written.
    """
    rows, audits = comparison.rows, comparison.audits
    content = {
        "name": folder.resolve().name,
        "columns": COLUMNS,
        "rows": [_cells(row) for row in rows],
        "notes": note(rows, comparison.metrics),
        "chance": comparison.metrics["chance"],
        "ranks": _picture(folder / RANKS) if comparison.ranks else None,
        "ranks_text": comparison.ranks.caption if comparison.ranks else "",
        "audits": _audits(comparison, folder) if audits else None,
        "trainings": list(by_settings(rows).items()),
    }
    with writing(out) as partial:
        partial.write_bytes(encoded(out, render_template("comparison.html", content)))


def _cells(row: ComparisonRow) -> list[Cell]:
    scores = []
    for key in SCORES:
        spread = f"± {row.std[key]:.3f} " if row.std else ""
        scores.append(Cell(f"{row.scores[key]:.3f}", row.scores[key], f"{spread}[{interval_text(row.intervals[key])}]"))
    values = (row.parameters, row.gmac, row.seconds_per_fold)
    costs = [Cell(text, value or 0) for text, value in zip(cost_cells(row), values, strict=True)]
    if row.differences is None or row.adjusted_p is None:
        return [Cell(row.title), *scores, *costs, Cell("", 0), Cell("", 1)]
    gap = row.differences["uf1"]
    text = Cell(f"{gap.value:+.3f}", gap.value, f"[{gap.low:+.3f}, {gap.high:+.3f}]")
    return [Cell(row.title), *scores, *costs, text, Cell(adjusted_text(row, "uf1"), row.adjusted_p["uf1"])]


def _audits(comparison: Comparison, folder: Path) -> dict[str, Any]:
    names = list(dict.fromkeys(name for audit in comparison.audits.values() for name in audit.readings))
    rows = []
    for title, audit in comparison.audits.items():
        readings = audit.readings
        rows.append((title, [readings[name]["uf1"] if name in readings else None for name in names]))
    text = points_text(comparison.audits)
    return {
        "names": [name.replace("_", " ") for name in names],
        "rows": rows,
        "text": text,
        "figure": _picture(folder / PEEKING_FIGURE),
    }


def _picture(path: Path) -> str | None:
    """A figure as a ``data:`` URL; None if it was not drawn."""
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode() if path.is_file() else None

"""Writing the page of a spotting run: one HTML file that needs no network."""

import base64
from pathlib import Path
from typing import Any

from atm_gcn.files import writing
from atm_gcn.files.writing import encoded
from atm_gcn.report.rendering import render_template
from atm_gcn.spotting.held_out.spotters import Sought
from atm_gcn.spotting.layout import RECOGNITION, SpottingFolder
from atm_gcn.spotting.results import BOTH, SpottingResults
from atm_gcn.training.results.score_notes import interval_text

MOST_CURVES = 40
"""Videos whose curves are on the page; those of all are in the run's folder."""
WORDS = {
    "learnt": "the temporal graph, trained on the annotated intervals of other people",
    "threshold": "a threshold on brief motion, chosen on other people",
    "learnt, macro": "the same graph on slower motion, trained on macro-expressions",
}


def write_spotting_page(folder: SpottingFolder, results: SpottingResults, out: str | Path) -> None:
    """Write the page of a finished run, whole or not at all.

    Args:
        folder: The run.
        results: Its results.
        out: File to write.

    Raises:
        ATMGCNError: If ``out`` cannot be written.
    """
    pictures = sorted((folder.path / "curves").glob("*.png"))
    content = {
        "name": folder.path.resolve().name,
        "scores": results.scores,
        "rows": [_row(one, results) for one in results.sought],
        "both": {name: one[BOTH] for name, one in results.scores["spotters"].items() if BOTH in one},
        "curves": [(path.stem.replace("__", ", "), _picture(path)) for path in pictures[:MOST_CURVES]],
        "num_curves": len(pictures),
        "recognition": RECOGNITION,
        "store": folder.record["store"],
    }
    with writing(out) as partial:
        partial.write_bytes(encoded(out, render_template("spotting.html", content, {"interval": interval_text})))


def _row(sought: Sought, results: SpottingResults) -> dict[str, Any]:
    scores, analysis = results.of(sought), results.of(sought)["analysis"]
    is_micro = sought.kind == "micro"
    return {
        "name": sought.title,
        "words": WORDS[sought.title],
        "counts": scores["overall"],
        "per_minute": scores["false_alarms_per_minute"],
        "in_macro": scores.get("false_alarms_in_macro_expressions"),
        "analysis": (analysis["f1"] if analysis else 0.0) if is_micro else None,
        "strs": (scores["strs"] or 0.0) if is_micro else None,
        "intervals": scores.get("interval_95", {}),
        "settings": sorted(scores["settings"].items()),
    }


def _picture(path: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()

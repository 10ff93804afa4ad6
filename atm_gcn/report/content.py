"""The content of a report, gathered from the folder of a run."""

import importlib.metadata
import platform
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from atm_gcn.config import PeerConfig
from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics import scores
from atm_gcn.report.curves import charts_of
from atm_gcn.report.mistakes import FLOW, flow_key, open_stores, with_pictures, worst_mistakes
from atm_gcn.report.units import unit_subject_rows, worst_unit_mistakes
from atm_gcn.training.results.input_text import input_text
from atm_gcn.training.results.layout import METRICS
from atm_gcn.training.results.predictions import Prediction
from atm_gcn.training.results.run_folder import RunFolder
from atm_gcn.training.results.run_results import RunResults
from atm_gcn.training.results.score_notes import ensemble_name, ensemble_note, score_notes
from atm_gcn.version import __version__

if TYPE_CHECKING:
    from atm_gcn.building import Builder

MISTAKES = 12


def gather(results: RunResults, store: Path | None = None, build_model: "Builder | None" = None) -> dict[str, Any]:
    """Gather the variables of the template.

    Args:
        results: Of a finished run.
        store: Where its frame store lies; by default its path when the run was started.
        build_model: Builder of the models, unless they are the library's own.

    Raises:
        ATMGCNError: If the run is not finished, or a file of it is damaged.
    """
    run, metrics = results.folder, results.metrics
    logs = {fold.name: fold.log() for fold in results.folds}
    content: dict[str, Any] = {
        "name": run.path.resolve().name,
        "metrics": metrics,
        "charts": charts_of(logs),
        "config": run.config.to_yaml(),
        "facts": _facts(run, logs),
    }
    is_of_units = "mean_f1" in metrics
    if not is_of_units and "confusion" not in metrics:
        return content  # a model of all clips: nobody was held out, so there are no scores
    predictions, names = results.predictions, metrics["class_names"]
    worst = worst_unit_mistakes if is_of_units else worst_mistakes
    mistakes, no_pictures = worst(predictions, names, MISTAKES), ""
    known = run.record.store
    try:
        if run.config.model.input == "features":
            raise ATMGCNError("the clips are features that were computed beforehand")
        frames = open_stores(known, store)
        peer_reads = run.config.model.input if isinstance(run.config.model, PeerConfig) else None
        mistakes = with_pictures(mistakes, run.path, frames, build_model, peer_reads)
    except ATMGCNError as error:
        no_pictures = str(error)
    if is_of_units:
        content |= {"subjects": unit_subject_rows(predictions, names)}
    else:
        content |= {
            "notes": score_notes(metrics),
            "ensemble": _ensemble(metrics),
            "confusion": confusion_cells(metrics["confusion"]),
            "subjects": subject_rows(predictions, names),
        }
    return content | {
        "datasets": sorted({row.subject.partition("/")[0] for row in predictions}),
        "mistakes": mistakes,
        "no_pictures": no_pictures,
        "is_explained": not isinstance(run.config.model, PeerConfig),
        "flow_key": flow_key() if any(FLOW in caption for one in mistakes for caption, _ in one.pictures) else None,
    }


def _ensemble(metrics: dict[str, Any]) -> dict[str, Any] | None:
    """The scores of the ensemble of several seeds, with the name of their row and what it means."""
    scores = metrics.get("seed_ensemble")
    return scores and {**scores, "name": ensemble_name(scores), "note": ensemble_note(scores)}


def confusion_cells(confusion: Sequence[Sequence[int]]) -> list[list[tuple[int, float]]]:
    """Count of every cell, and its share of its row, which is the true class."""
    return [[(count, count / max(sum(row), 1)) for count in row] for row in confusion]


def subject_rows(predictions: Sequence[Prediction], class_names: list[str]) -> list[dict[str, Any]]:
    """For every subject: clips, correct predictions, accuracy, UF1 and UAR, as means over the seeds.

    UF1 and UAR are means over all classes, as in the run's mean of subjects: a class without clips counts 0.
    """
    number = {name: i for i, name in enumerate(class_names)}
    groups: dict[str, dict[Any, list[Prediction]]] = defaultdict(lambda: defaultdict(list))
    for row in predictions:
        groups[row.subject][row.seed].append(row)
    table = []
    for subject, by_seed in groups.items():
        each = [
            scores([number[r.label] for r in rows], [number[r.predicted] for r in rows], len(class_names))
            for rows in by_seed.values()
        ]
        clips = len(next(iter(by_seed.values())))
        acc, uf1, uar = (float(np.mean([getattr(one, key) for one in each])) for key in ("acc", "uf1", "uar"))
        table.append({"subject": subject, "clips": clips, "correct": acc * clips, "acc": acc, "uf1": uf1, "uar": uar})
    return table


def _facts(run: RunFolder, logs: dict[str, list[dict[str, Any]]]) -> list[tuple[str, str]]:
    """Versions, times and paths, as (name, text)."""
    seconds = sum(record.get("seconds", 0.0) for records in logs.values() for record in records)
    ended = datetime.fromtimestamp((run.path / METRICS).stat().st_mtime, UTC)
    record = run.record
    return [
        ("Finished", f"{ended:%Y-%m-%d %H:%M} UTC"),
        ("Training time", f"{duration(seconds)} over {len(logs)} {'training' if len(logs) == 1 else 'trainings'}"),
        ("Epochs", str(sum(map(len, logs.values())))),
        ("Trained with", f"atm-gcn {record.atm_gcn}"),
        (
            "Report made with",
            f"atm-gcn {__version__}, torch {importlib.metadata.version('torch')}, "
            f"PyG {importlib.metadata.version('torch-geometric')}, "
            f"Python {platform.python_version()}",
        ),
        *([] if run.config.model.input == "features" else [("Input", input_text(run.config.data))]),
        ("Data", f"{', '.join(record.store.paths) or 'no file'}, checksum {record.store.checksum[:12]}"),
    ]


def duration(seconds: float) -> str:
    """``"1 h 02 min"``, ``"3 min 05 s"`` or ``"12 s"``."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"

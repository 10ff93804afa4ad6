"""Table IV: the model without each of its parts over the same folds and seeds, and its distance to the whole model."""

import logging
from pathlib import Path
from typing import Any

from atm_gcn.config import ModelConfig, RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import write_text
from atm_gcn.files.csv_tables import csv_text
from atm_gcn.metrics import SCORES
from atm_gcn.metrics.permutation_test import Difference
from atm_gcn.training.comparison.difference import compare
from atm_gcn.training.comparison.runs import Run, train_all
from atm_gcn.training.comparison.score_cells import (
    NUMBER_COLUMNS,
    chance_cells,
    difference_text,
    markdown_table,
    numbers_of,
    score_cells,
    tested_clips,
    tested_how,
)
from atm_gcn.training.results.run_results import RunResults
from atm_gcn.training.results.score_notes import note_on_subjects

log = logging.getLogger(__name__)

VARIANTS: dict[str, dict[str, bool]] = {  # name in Table IV -> settings of the model
    "full": {},
    "w/o GCN": {"use_gcn": False},
    "w/o motion": {"use_motion": False},
    "w/o ATM": {"adaptive": False},
}
_READS = {
    "features": "features instead of frames",
    "flow": "optical flow, which is motion",
    "both": "optical flow beside the frames, which is motion",
}
CSV, MARKDOWN = "ablation.csv", "ablation.md"
TABLES = {CSV: f"model,{','.join(SCORES)},", MARKDOWN: "| model"}
"""The first characters of the tables, by which they are recognised."""


def folder_of(out: Path, variant: str) -> Path:
    """Folder of a variant's run, for instance ``OUT/without-gcn``."""
    return out / variant.replace("w/o ", "without-").lower()


def variants_of(config: RunConfig) -> dict[str, RunConfig]:
    """The config of every row. "w/o motion" needs frames alone: features and optical flow are motion already.

    Raises:
        ATMGCNError: If ``config`` has a part switched off already, or has no test results.
    """
    if not isinstance(config.model, ModelConfig):
        raise ATMGCNError(f"an ablation leaves out parts of atm-gcn, and the model is {config.model.name}")
    if config.train.protocol.kind == "all":
        raise ATMGCNError('an ablation compares test results, and the protocol "all" has none; choose another one')
    variants = dict(VARIANTS)
    if config.model.input in _READS:
        del variants["w/o motion"]
    for settings in variants.values():
        for key in settings:
            if not getattr(config.model, key):
                raise ATMGCNError(f"model.{key} is false, but an ablation starts from the whole model; leave it out")
    return {name: config.merge({"model": settings}) for name, settings in variants.items()}


def ablate(config: RunConfig, store: ClipStore, out: str | Path, run: Run, resume: bool = False) -> list[dict]:
    """Run every variant in its own folder below ``out``, and write ablation.csv and ablation.md there.

    Args:
        config: From :func:`~atm_gcn.training.settings.resolve`; the whole model.
        store: The clips.
        out: Folder of the ablation.
        run: Trains or resumes one run.
        resume: Resume the runs in ``out``.

    Returns:
        The rows of the table: ``model``, the scores, their ``interval`` and ``chance``, their standard deviations over
        seeds if there are several, and ``difference`` by score, of the whole model minus this one.

    Raises:
        ATMGCNError: Before anything is written, if config, store and folder do not fit together.
    """
    out, configs = Path(out), variants_of(config)
    folders = {name: folder_of(out, name) for name in configs}
    if config.model.input in _READS:
        log.info('the table has no row "w/o motion", since the model reads %s', _READS[config.model.input])
    metrics = train_all(configs, out, folders, store, run, resume, TABLES)
    rows = tabulate(metrics, out)
    write_text(out / CSV, to_csv(rows))
    write_text(out / MARKDOWN, to_markdown(rows, metrics["full"]))
    return rows


def tabulate(metrics: dict[str, dict[str, Any]], out: Path) -> list[dict[str, Any]]:
    """The rows of the table from the finished runs."""
    predictions = {name: RunResults(folder_of(out, name)).predictions for name in metrics}
    rows = []
    for name, found in metrics.items():
        row = {"model": name, **{key: found[key] for key in (*SCORES, "interval", "chance")}, "std": found.get("std")}
        if name != "full":
            row["difference"] = compare(predictions["full"], predictions[name], found["class_names"])
        rows.append(row)
    return rows


def to_csv(rows: list[dict[str, Any]]) -> str:
    """One line per variant, six decimals; differences are the score of the whole model minus that of the variant.

    ``uf1_low`` and ``uf1_high`` are the interval of the difference, ``uf1_interval_low`` and ``_high`` that of UF1.
    """
    lines = (
        [row["model"], *numbers_of(row, row["std"], row.get("difference"), row["interval"], row["chance"])]
        for row in rows
    )
    return csv_text(["model", *NUMBER_COLUMNS], lines, ".6f")


def to_markdown(rows: list[dict[str, Any]], full: dict[str, Any]) -> str:
    """The table as aligned Markdown, with a line on what was compared and how."""
    header = ["model", "UF1", "UAR", "ACC", "full - this, UF1", "p", "full - this, UAR", "p"]
    cells = [
        [row["model"], *score_cells(row, row["std"], row["interval"]), *_gap(row, "uf1"), *_gap(row, "uar")]
        for row in rows
    ]
    cells.append(["chance", *chance_cells(full["chance"]), *[""] * 4])
    note = [tested_clips(full), tested_how(full), *note_on_subjects(full)]
    return "\n".join([*markdown_table(header, cells), "", *note]) + "\n"


def _gap(row: dict[str, Any], key: str) -> list[str]:
    gap: Difference | None = row.get("difference", {}).get(key)
    return [difference_text(gap), f"{gap.p:.3f}"] if gap else ["", ""]

"""From a run's predictions to its scores, as a dictionary, as text and as a picture."""

import logging
from pathlib import Path
from typing import Any

import numpy as np

from atm_gcn.files import replacing
from atm_gcn.metrics import per_subject_mean, scores
from atm_gcn.training.predictions import Prediction

log = logging.getLogger(__name__)

PROTOCOL = (
    "leave-one-subject-out, last epoch; uf1 and uar are means over all classes, from one confusion matrix pooled over "
    "all folds; per_subject_mean averages the subjects' own scores and is another number"
)


def summarize(predictions: list[Prediction], class_names: list[str], seed: int) -> dict[str, Any]:
    """The content of metrics.json: nothing in it depends on when, where or how fast the run was.

    Args:
        predictions: Of all folds.
        class_names: In the order of the logits; the confusion matrix has the true classes as rows.
        seed: Seed of the run.
    """
    number = {name: i for i, name in enumerate(class_names)}
    true, predicted = [number[row.label] for row in predictions], [number[row.predicted] for row in predictions]
    subjects = [row.subject for row in predictions]
    pooled = scores(true, predicted, len(class_names))
    return {
        "uf1": pooled.uf1,
        "uar": pooled.uar,
        "acc": pooled.acc,
        "per_class": pooled.per_class(class_names),
        "per_subject_mean": per_subject_mean(true, predicted, subjects, len(class_names)),
        "confusion": pooled.confusion.tolist(),
        "class_names": list(class_names),
        "num_clips": len(predictions),
        "num_subjects": len(set(subjects)),
        "seed": seed,
        "protocol": PROTOCOL,
    }


def to_text(metrics: dict[str, Any]) -> str:
    """Scores, per-class table and confusion matrix for a terminal."""
    names, mean = metrics["class_names"], metrics["per_subject_mean"]
    width = max(12, *map(len, names))
    lines = [
        f"{metrics['num_clips']} clips of {metrics['num_subjects']} subjects, each held out once",
        "",
        _row("", ["UF1", "UAR", "ACC"], 16),
        _row("pooled", [metrics["uf1"], metrics["uar"], metrics["acc"]], 16),
        _row("mean of subjects", [mean["uf1"], mean["uar"], mean["acc"]], 16),
        "",
        _row("class", ["precision", "recall", "F1", "clips"], width),
    ]
    for row in metrics["per_class"]:
        lines.append(_row(row["class"], [row["precision"], row["recall"], row["f1"], row["support"]], width))
    lines += ["", _row("true\\called", names, width)]
    lines += [_row(name, counts, width) for name, counts in zip(names, metrics["confusion"], strict=True)]
    return "\n".join(line.rstrip() for line in lines)


def draw_confusion(metrics: dict[str, Any], path: Path) -> None:
    """Draw the confusion matrix into a PNG; without matplotlib, log what to install and go on."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        log.warning("%s is not drawn, for matplotlib is not installed: pip install 'atm-gcn[train]'", path.name)
        return
    counts, names = np.array(metrics["confusion"]), metrics["class_names"]
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(2.5 + 0.8 * len(names), 2 + 0.7 * len(names)), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(share, vmin=0, vmax=1, cmap="Blues")
    figure.colorbar(image, label="share of the true class")
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("called")
    axes.set_ylabel("true")
    axes.set_title(f"UF1 {metrics['uf1']:.3f}   UAR {metrics['uar']:.3f}   ACC {metrics['acc']:.3f}", fontsize=10)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if share[row, column] > 0.5 else "black"
        axes.text(column, row, str(count), ha="center", va="center", color=colour)
    with replacing(path) as partial:
        figure.savefig(partial, format="png", dpi=120)


def _row(name: str, cells: list[Any], width: int) -> str:
    texts = [f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in cells]
    return f"{name:<{width}}" + "".join(f"  {text:>9}" for text in texts)

"""The scores of a run from its predictions: as a dictionary, as text and as a figure."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from atm_gcn.files.figures import write_figure
from atm_gcn.metrics import (
    SCORES,
    chance_level,
    largest_class_scores,
    per_subject_mean,
    score_interval,
    scores,
    scores_of,
)
from atm_gcn.training.results.predictions import Prediction, count_by_subject, mean_over_seeds
from atm_gcn.training.results.score_notes import ensemble_name, ensemble_note, interval_text, score_notes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

READING = (
    "uf1 and uar are means over all classes, from one confusion matrix pooled over all folds; per_subject_mean "
    "averages the subjects' own scores and is another number"
)
READING_SEEDS = (
    "every score is the mean over the seeds, std its standard deviation over them; confusion counts the clips once per "
    "seed; seed_ensemble has the scores of several models together, the mean of each clip's probabilities over the "
    "seeds, which are not comparable with those of one model"
)


def summarize(predictions: list[Prediction], class_names: list[str], seed: int, protocol: str) -> dict[str, Any]:
    """The content of metrics.json; it does not depend on when, where or how fast the run was.

    Args:
        predictions: Of all folds.
        class_names: In the order of the logits; the confusion matrix has the true classes as rows.
        seed: Seed of the run.
        protocol: What was held out and how the epoch was chosen, in a phrase.
    """
    number = {name: i for i, name in enumerate(class_names)}
    true, predicted = [number[row.label] for row in predictions], [number[row.predicted] for row in predictions]
    subjects = [row.subject for row in predictions]
    pooled = scores(true, predicted, len(class_names))
    return {
        "uf1": pooled.uf1,
        "uar": pooled.uar,
        "acc": pooled.acc,
        **_reference_scores(predictions, class_names),
        "per_class": pooled.per_class(class_names),
        "per_subject_mean": per_subject_mean(true, predicted, subjects, len(class_names)),
        "confusion": pooled.confusion.tolist(),
        "class_names": list(class_names),
        "num_clips": len(predictions),
        "num_subjects": len(set(subjects)),
        "seed": seed,
        "protocol": f"{protocol}; {READING}",
    }


def summarize_seeds(predictions: list[Prediction], class_names: list[str], seed: int, protocol: str) -> dict[str, Any]:
    """The content of metrics.json of a run with several seeds: means over them under the names of :func:`summarize`.

    Beside them, ``std`` has the standard deviations (over n - 1) of uf1, uar and acc, ``seeds`` each seed's own, and
    ``seed_ensemble`` those of :func:`ensemble_scores`.

    Args:
        predictions: Of all folds and seeds.
        class_names: In the order of the logits.
        seed: The first seed.
        protocol: What was held out and how the epoch was chosen, in a phrase.
    """
    seeds = dict.fromkeys(row.seed for row in predictions if row.seed is not None)
    each = [summarize([row for row in predictions if row.seed == one], class_names, one, protocol) for one in seeds]
    return {
        **_mean([{key: one[key] for key in SCORES} for one in each]),
        **_reference_scores(predictions, class_names),
        "std": {key: float(np.std([one[key] for one in each], ddof=1)) for key in SCORES},
        "seeds": [{key: one[key] for key in ("seed", *SCORES)} for one in each],
        "seed_ensemble": ensemble_scores(predictions, class_names),
        "per_class": [_mean(rows) for rows in zip(*(one["per_class"] for one in each), strict=True)],
        "per_subject_mean": _mean([one["per_subject_mean"] for one in each]),
        "confusion": np.sum([one["confusion"] for one in each], axis=0).tolist(),
        "class_names": list(class_names),
        "num_clips": each[0]["num_clips"],
        "num_subjects": each[0]["num_subjects"],
        "seed": seed,
        "protocol": f"{each[0]['protocol']}; {READING_SEEDS}",
    }


def ensemble_scores(predictions: list[Prediction], class_names: list[str]) -> dict[str, Any]:
    """The scores of the models of several seeds together, which predict a clip by the mean of their probabilities.

    Args:
        predictions: Of all folds and of the seeds to take together.
        class_names: In the order of the probabilities.

    Returns:
        ``uf1``, ``uar`` and ``acc`` of one confusion matrix pooled over all folds, their 95 % intervals over subjects
        as ``interval``, and ``num_seeds``.
    """
    counts = np.stack(list(count_by_subject(mean_over_seeds(predictions, class_names), class_names).values()))
    return {
        **dict(zip(SCORES, scores_of(counts.sum(axis=(0, 1))).tolist(), strict=True)),
        "interval": {key: list(ends) for key, ends in score_interval(counts).items()},
        "num_seeds": len({row.seed for row in predictions}),
    }


def _reference_scores(predictions: list[Prediction], class_names: list[str]) -> dict[str, Any]:
    """What the scores are read against: their intervals over subjects, and the scores that need no model."""
    counts = np.stack(list(count_by_subject(predictions, class_names).values()))  # [S, num_seeds, C, C]
    support = counts[:, 0].sum(axis=(0, 2))
    return {
        "interval": {key: list(ends) for key, ends in score_interval(counts).items()},
        "chance": chance_level(support),
        "largest_class": largest_class_scores(support),
    }


def _mean(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The mean of each float; other values are the same in every row."""
    return {
        key: float(np.mean([row[key] for row in rows])) if isinstance(value, float) else value
        for key, value in rows[0].items()
    }


def to_text(metrics: dict[str, Any]) -> str:
    """Scores with their intervals and chance levels, per-class table and confusion matrix for a terminal."""
    if "uf1" not in metrics:
        return f"a model of {', '.join(metrics['class_names'])}: {metrics['num_clips']} clips, {metrics['protocol']}"
    names, mean = metrics["class_names"], metrics["per_subject_mean"]
    width, notes = max(14, *map(len, names)), score_notes(metrics)
    lines = [
        f"{metrics['num_clips']} clips of {metrics['num_subjects']} subjects, each held out once",
        "",
        _row("", ["UF1", "UAR", "ACC"], 16),
        _row("pooled", [metrics["uf1"], metrics["uar"], metrics["acc"]], 16),
        *_seed_rows(metrics),
        *_reference_rows(metrics),
        _row("mean of subjects", [mean["uf1"], mean["uar"], mean["acc"]], 16),
        *_ensemble_rows(metrics),
        "",
        *((*notes, "") if notes else ()),
        _row("class", ["precision", "recall", "F1", "clips"], width),
    ]
    for row in metrics["per_class"]:
        lines.append(_row(row["class"], [row["precision"], row["recall"], row["f1"], row["support"]], width))
    lines += ["", _row("true\\predicted", names, width)]
    lines += [_row(name, counts, width) for name, counts in zip(names, metrics["confusion"], strict=True)]
    return "\n".join(line.rstrip() for line in lines)


def _seed_rows(metrics: dict[str, Any]) -> list[str]:
    if "seeds" not in metrics:
        return []
    rows = [_row(f"  seed {one['seed']}", [one[key] for key in SCORES], 16) for one in metrics["seeds"]]
    return [_row("  +- over seeds", [metrics["std"][key] for key in SCORES], 16), *rows]


def _ensemble_rows(metrics: dict[str, Any]) -> list[str]:
    ensemble = metrics.get("seed_ensemble")
    if ensemble is None:
        return []
    return [
        "",
        ensemble_note(ensemble),
        _row(ensemble_name(ensemble), [ensemble[key] for key in SCORES], 16),
        _row("  95 % interval", [interval_text(ensemble["interval"][key]) for key in SCORES], 16),
    ]


def _reference_rows(metrics: dict[str, Any]) -> list[str]:
    interval = [_row("95 % interval", [interval_text(metrics["interval"][key]) for key in SCORES], 16)]
    named = {"chance": "chance", "largest_class": "largest class"}
    return interval + [_row(name, [metrics[of][key] for key in SCORES], 16) for of, name in named.items()]


def draw_confusion(metrics: dict[str, Any], path: Path) -> None:
    """Draw the confusion matrix as PNG; without matplotlib, log what to install."""
    write_figure(path, lambda: _confusion_figure(metrics), dpi=120)


def _confusion_figure(metrics: dict[str, Any]) -> "Figure":
    from matplotlib.figure import Figure

    counts, names = np.array(metrics["confusion"]), metrics["class_names"]
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(2.5 + 0.8 * len(names), 2 + 0.7 * len(names)), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(share, vmin=0, vmax=1, cmap="Blues")
    figure.colorbar(image, label="share of the true class")
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    title = [
        f"{key.upper()} {metrics[key]:.3f} (95 %: {interval_text(metrics['interval'][key], '–')}, "
        f"chance {metrics['chance'][key]:.2f})"
        for key in SCORES
    ]
    axes.set_title("\n".join(title), fontsize=9)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if share[row, column] > 0.5 else "black"
        axes.text(column, row, str(count), ha="center", va="center", color=colour)
    return figure


def _row(name: str, cells: list[Any], width: int) -> str:
    texts = [f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in cells]
    return f"{name:<{width}}" + "".join(f"  {text:>9}" for text in texts)

"""The scores of a run on action units: as a dictionary, as text and as a figure."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from atm_gcn.data.action_units.reading import PRESENT, states_of
from atm_gcn.files.figures import write_figure
from atm_gcn.files.text_table import aligned
from atm_gcn.metrics.action_units import UnitScores, mean_f1_interval, mean_f1_of, reference_f1, unit_counts
from atm_gcn.training.results.predictions import Prediction
from atm_gcn.training.results.score_notes import interval_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

READING = (
    "f1 of each unit is from counts pooled over all folds; mean_f1 is the unweighted mean over the units that are "
    "present in a tested clip, per dataset over those present there; clips in which the state of a unit is unknown are "
    "not counted for it"
)


def summarize_units(predictions: list[Prediction], names: list[str], seed: int, protocol: str) -> dict[str, Any]:
    """The content of metrics.json; of several seeds, scores are means over them.

    Args:
        predictions: Of all folds and seeds.
        names: Of the units, in the order of the logits.
        seed: The first seed of the run.
        protocol: What was held out and how the epoch was chosen, in a phrase.
    """
    seeds = list(dict.fromkeys(row.seed for row in predictions))
    subjects = sorted({row.subject for row in predictions})
    counts = np.zeros((len(subjects), len(seeds), len(names), 4), np.int64)
    for (subject, one), rows in _grouped(predictions).items():
        states, predicted = ([states_of(text, names) for text in column] for column in zip(*rows, strict=True))
        counts[subjects.index(subject), seeds.index(one)] = unit_counts(states, np.array(predicted) == PRESENT)
    pooled = counts.sum(axis=0)  # [num_seeds, U, 4]
    each = [float(mean_f1_of(of_seed)) for of_seed in pooled]
    summary: dict[str, Any] = {
        "task": "action-units",
        "mean_f1": float(np.mean(each)),
        "interval": {"mean_f1": list(mean_f1_interval(counts))},
        **{name: {"mean_f1": value} for name, value in reference_f1(pooled[0]).items()},
    }
    if len(seeds) > 1:
        summary["std"] = {"mean_f1": float(np.std(each, ddof=1))}
        summary["seeds"] = [{"seed": one, "mean_f1": value} for one, value in zip(seeds, each, strict=True)]
    datasets = np.array([subject.partition("/")[0] for subject in subjects])
    clips = {row.clip: row.subject for row in predictions}
    return summary | {
        "per_unit": _per_unit(pooled, names),
        "per_dataset": [
            _of_dataset(name, counts[datasets == name].sum(axis=0), names, list(clips.values()))
            for name in np.unique(datasets).tolist()
        ],
        "class_names": list(names),
        "num_clips": len(clips),
        "num_subjects": len(subjects),
        "seed": seed,
        "protocol": f"{protocol}; {READING}",
    }


def _grouped(predictions: Sequence[Prediction]) -> dict[tuple[str, int | None], list[tuple[str, str]]]:
    """Label and prediction of every clip, by subject and seed."""
    groups: dict[tuple[str, int | None], list[tuple[str, str]]] = {}
    for row in predictions:
        groups.setdefault((row.subject, row.seed), []).append((row.label, row.predicted))
    return groups


def _per_unit(pooled: np.ndarray, names: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of :meth:`UnitScores.per_unit`, their floats as means over the seeds."""
    each = zip(*(UnitScores(of_seed).per_unit(names) for of_seed in pooled), strict=True)
    return [
        {
            key: float(np.mean([row[key] for row in rows])) if isinstance(value, float) else value
            for key, value in rows[0].items()
        }
        for rows in each
    ]


def _of_dataset(dataset: str, pooled: np.ndarray, names: Sequence[str], subjects: list[str]) -> dict[str, Any]:
    rows = _per_unit(pooled, names)
    return {
        "dataset": dataset,
        "num_clips": sum(subject.partition("/")[0] == dataset for subject in subjects),
        "mean_f1": float(mean_f1_of(pooled).mean()),
        "always_on": reference_f1(pooled[0])["always_on"],
        "num_units": sum(row["f1"] is not None for row in rows),
        "f1": {row["unit"]: row["f1"] for row in rows},
    }


def to_text(metrics: dict[str, Any]) -> str:
    """Mean F1 with its interval and references, and tables of units and datasets, for a terminal."""
    if "mean_f1" not in metrics:
        return f"a model of {', '.join(metrics['class_names'])}: {metrics['num_clips']} clips, {metrics['protocol']}"
    lines = [f"{metrics['num_clips']} clips of {metrics['num_subjects']} subjects, each held out once", ""]
    scores = [["", "mean F1"], ["pooled", f"{metrics['mean_f1']:.4f}"]]
    if "std" in metrics:
        scores.append(["+- over seeds", f"{metrics['std']['mean_f1']:.4f}"])
        scores += [[f"seed {one['seed']}", f"{one['mean_f1']:.4f}"] for one in metrics["seeds"]]
    scores.append(["95 % interval", interval_text(metrics["interval"]["mean_f1"])])
    scores += [["all units in every clip", f"{metrics['always_on']['mean_f1']:.4f}"]]
    scores += [["units drawn by their share", f"{metrics['chance']['mean_f1']:.4f}"]]
    units = [["unit", "precision", "recall", "F1", "clips"]]
    for row in metrics["per_unit"]:
        cells = [f"{row[key]:.4f}" for key in ("precision", "recall")]
        units.append([row["unit"], *cells, f1_text(row["f1"]), str(row["support"])])
    lines += [*aligned(scores), "", *aligned(units)]
    if len(metrics["per_dataset"]) > 1:
        head = ["dataset", "mean F1", "all units", *metrics["class_names"], "clips"]
        datasets = [
            [
                *(row["dataset"], f"{row['mean_f1']:.4f}", f"{row['always_on']:.4f}"),
                *(f1_text(value) for value in row["f1"].values()),
                str(row["num_clips"]),
            ]
            for row in metrics["per_dataset"]
        ]
        lines += ["", *aligned([head, *datasets])]
    return "\n".join(line.rstrip() for line in lines)


def f1_text(value: float | None) -> str:
    """F1 with four decimals; ``-`` for a unit that does not occur."""
    return "-" if value is None else f"{value:.4f}"


def draw_f1(metrics: dict[str, Any], path: Path) -> None:
    """Draw F1 of every unit as PNG; without matplotlib, log what to install."""
    write_figure(path, lambda: _figure(metrics), dpi=120)


def _figure(metrics: dict[str, Any]) -> "Figure":
    from matplotlib.figure import Figure

    rows = metrics["per_unit"]
    figure = Figure(figsize=(5, 1.9 + 0.3 * len(rows)), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(rows))
    clips = metrics["num_clips"]
    axes.barh(places, [row["f1"] or 0.0 for row in rows], color="tab:blue", height=0.6)
    always = [2 * row["support"] / (row["support"] + clips) for row in rows]
    axes.plot(always, places, "k|", markersize=10, label="predicted in every clip")
    axes.set_yticks(places, [f"{row['unit']} ({row['support']})" for row in rows])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel("F1 (clips with the unit in brackets)")
    ends = interval_text(metrics["interval"]["mean_f1"], "–")
    axes.set_title(f"mean F1 {metrics['mean_f1']:.3f} (95 %: {ends})", fontsize=9)
    figure.legend(loc="outside lower right", fontsize=7, frameon=False)
    return figure

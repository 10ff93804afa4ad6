"""The panels with one value per frame over time, and the class probabilities."""

import numpy as np
from matplotlib.axes import Axes

from atm_gcn.explain.explained_clip import ExplainedClip
from atm_gcn.explain.graphs import MOST_NODES
from atm_gcn.explain.palette import DASHES, INK, MARKS, PALE

READOUT = "#56B4E9"
NAME = 17  # characters of a class name beside its probability


def draw_marks(axes: Axes, times: np.ndarray, clip: ExplainedClip) -> None:
    """Draw lines at onset, apex and offset; ``times`` has shape ``[L]``."""
    for name, position in _marked(times, clip):
        axes.axvline(times[position], color=MARKS[name], linestyle=DASHES[name], linewidth=1, zorder=0.5)


def name_marks(axes: Axes, times: np.ndarray, clip: ExplainedClip) -> None:
    """Write the names of the lines of :func:`draw_marks` at the bottom of a panel; that of the offset is outside."""
    elapsed = (times[clip.apex] - times[0]) / (times[-1] - times[0])
    for name, position in _marked(times, clip):
        to_left = name == "apex" and elapsed > 0.8 and position < len(times) - 1
        raised = 10 if name == "apex" and elapsed < 0.1 else 0  # above the name of the onset
        axes.annotate(
            name,
            (times[position], 0.05),
            xycoords=("data", "axes fraction"),
            xytext=(-2 if to_left else 2, raised),
            textcoords="offset points",
            ha="right" if to_left else "left",
            color=MARKS[name],
            fontsize=7,
            bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0.6},
        )


def _marked(times: np.ndarray, clip: ExplainedClip) -> list[tuple[str, int]]:
    last = len(times) - 1
    return [("onset", 0), *([("offset", last)] if clip.apex < last else []), ("apex", clip.apex)]


def draw_readout(axes: Axes, times: np.ndarray, attention: np.ndarray, pooling: np.ndarray | None) -> list[str]:
    """Draw the readout's attention to each node in percent, and the even share.

    Bars are the attention of the first vector that the pooling passes on; outlines that of a second one. Weights of a
    pooling that are neither even nor those of a single node are drawn as a line.

    Args:
        axes: The panel.
        times: ``[n]`` time of each node.
        attention: ``[n, P]``, see :attr:`~atm_gcn.explanation.Explanation.pooled_attention`.
        pooling: ``[n, P]``, see :class:`~atm_gcn.explanation.Explanation`; None if the pooling has no weights.

    Returns:
        What is to be known beside the panel, in short lines; none for the mean and the maximum of all nodes.
    """
    steps = np.diff(times)
    share = 0.7 if len(times) <= MOST_NODES else 1.0  # many narrow gaps would flicker
    width = share * (steps.min() if len(steps) else 1.0)
    axes.bar(times, 100 * attention[:, 0], width=width, color=READOUT, linewidth=0)
    largest, notes = attention.max(), []
    queries = [] if pooling is None else [_query(column) for column in pooling.T]
    if attention.shape[1] > 1:
        axes.bar(times, 100 * attention[:, 1], width=width, color="none", edgecolor=INK, linewidth=0.7)
        notes = [f"bars: of {queries[0]}", f"outlines: of {queries[1]}"]
    elif pooling is not None and queries == ["a weighted mean"]:
        axes.plot(times, 100 * pooling[:, 0], color=MARKS["apex"], linewidth=1, marker="o", markersize=2)
        largest = max(largest, pooling.max())
        notes = ["line: pooling weight"]
    elif queries == ["the apex"] and len(times) > 1:
        notes = ["attention of the apex"]
    axes.axhline(100 / len(times), color=INK, linewidth=0.7, linestyle=(0, (3, 2)))
    axes.annotate(
        "even share",
        (1, 100 / len(times)),
        xycoords=("axes fraction", "data"),
        xytext=(2, 0),
        textcoords="offset points",
        va="center",
        fontsize=7,
    )
    axes.set(ylabel="readout\nattention [%]", ylim=(0, 125 * largest))
    return notes


def _query(weights: np.ndarray) -> str:
    """Which nodes a pooling takes, by its weights."""
    if np.ptp(weights) < 1e-6:
        return "the mean"
    return "the apex" if weights.max() > 1 - 1e-6 else "a weighted mean"


def draw_motion(axes: Axes, times: np.ndarray, clip: ExplainedClip) -> None:
    """Draw the distance of each frame from the onset, of its pixels or skin and of motion features.

    Each curve is a share of its largest value.
    """
    explanation = clip.explanation
    norm = explanation.feature_norm.numpy()
    given = explanation.flow_magnitude, explanation.frame_difference
    values = next((values for values in given if values is not None), None)
    if values is not None:
        difference = np.concatenate([[0.0], values.numpy()])
        label = rf"mean $|f_i - f_{{onset}}|$, at most {100 * difference.max():.1f} % of white"
        if explanation.flow_magnitude is not None:
            label = f"mean optical flow, at most {difference.max():.2g} {clip.flow_unit}".rstrip()
        share = difference / max(difference.max(), 1e-9)
        axes.fill_between(times, share, color=PALE, alpha=0.5, linewidth=0)
        axes.plot(times, share, color=INK, linewidth=1.2, label=label)
    axes.plot(
        times[1:],
        norm / max(norm.max(), 1e-9),
        color="#CC79A7",
        linewidth=1.2,
        linestyle=(0, (4, 1.5)),
        marker="o" if len(norm) <= MOST_NODES else "",
        markersize=2,
        label=rf"$\Vert m_i \Vert$, at most {norm.max():.1f}",
    )
    axes.set(ylabel="motion,\nshare of largest", ylim=(0, 1.08), yticks=[0, 0.5, 1])


def draw_classes(axes: Axes, clip: ExplainedClip) -> None:
    """Draw the probability of every class: the most probable one dark, the annotated one marked as true."""
    rows = np.arange(len(clip.class_names))
    axes.set_title("probabilities of units" if clip.unit else "class probabilities", fontsize=7, loc="left", pad=4)
    predicted, true_names = ({text, *text.split("+")} for text in (clip.predicted, clip.label or ""))
    dark = [INK if name in predicted else PALE for name in clip.class_names]
    axes.barh(rows, clip.probabilities, color=dark, height=0.3)
    for row, name, p in zip(rows, clip.class_names, clip.probabilities, strict=True):
        true = " (true)" if name in true_names else ""
        axes.text(0, row - 0.24, _cut(name, NAME - len(true)) + true, fontsize=7, va="bottom")
        axes.text(1, row - 0.24, f"{p:.2f}", fontsize=7, va="bottom", ha="right")
    axes.set(xlim=(0, 1), ylim=(len(rows) - 0.7, -0.85), xticks=[], yticks=[])
    axes.spines[["left", "bottom"]].set_visible(False)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"

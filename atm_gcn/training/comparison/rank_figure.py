"""The critical-difference diagram: mean ranks of models, and bars over models that no test tells apart."""

from math import ceil, floor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from atm_gcn.files.figures import write_figure
from atm_gcn.training.comparison.drawing import (
    BLUE,
    DPI,
    GREY,
    INK,
    NORMAL,
    SMALL,
    short,
    text_width,
    wrap,
    write_lines,
)
from atm_gcn.training.comparison.ranks import ModelRanks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

AXIS = 4.0  # length of the axis of ranks, in inches
MARGIN, TITLE, LINE, BAR, GAP, SIDE = 0.15, 0.52, 0.24, 0.13, 0.08, 0.25
CAPTION_LINE = 0.135


def draw_ranks(ranks: ModelRanks, path: Path) -> None:
    """Draw the diagram as PNG; without matplotlib, log what to install.

    The form is that of Demšar (JMLR 2006); groups are by pairwise tests with Holm's correction, as Benavoli, Corani
    and Mangili (JMLR 2016) advise, not by a critical difference of ranks.
    """
    write_figure(path, lambda: rank_figure(ranks), DPI)


def rank_figure(ranks: ModelRanks) -> "Figure":
    """The figure of :func:`draw_ranks`. The better half of the models is named on the left, the other on the right."""
    from matplotlib.figure import Figure

    half = ceil(len(ranks.titles) / 2)
    named = [(short(title), f"{rank:.2f}") for title, rank in zip(ranks.titles, ranks.mean_ranks, strict=True)]
    labels = ["  ".join(pair if number < half else reversed(pair)) for number, pair in enumerate(named)]
    left = MARGIN + SIDE + max(text_width(label, NORMAL) for label in labels[:half])
    right = MARGIN + SIDE + max(text_width(label, NORMAL) for label in labels[half:])
    width = left + AXIS + right
    levels = bar_levels(ranks)
    bars = max(levels, default=-1) + 1
    caption = wrap(ranks.caption, width - 2 * MARGIN, SMALL)
    depth = GAP + bars * BAR + GAP + LINE * half  # from the axis down to the lowest name
    foot = MARGIN + CAPTION_LINE * len(caption) + 0.12
    height = TITLE + depth + foot
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((left / width, foot / height, AXIS / width, depth / height))
    lowest, highest = _ends(ranks)
    axes.set(xlim=(lowest, highest), ylim=(depth, 0))  # inches below the axis
    axes.xaxis.tick_top()
    axes.set_xticks(range(lowest, highest + 1))
    axes.tick_params(axis="x", labelsize=SMALL, length=4, color=INK, labelcolor=INK)
    axes.set_yticks([])
    for side in ("left", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["top"].set(linewidth=1.0, color=INK)
    axes.set_title("mean rank (1 is best)", fontsize=NORMAL, color=INK, pad=18)
    _draw_names(axes, ranks, labels, half, GAP + bars * BAR + GAP)
    _draw_bars(axes, ranks, levels)
    write_lines(figure, caption, MARGIN, MARGIN)
    return figure


def bar_levels(ranks: ModelRanks) -> list[int]:
    """The line in which the bar of each group is drawn: the first one where it touches no other."""
    ends: list[float] = []  # of the last bar in each line
    levels = []
    for group in ranks.groups:
        start, end = ranks.mean_ranks[group[0]], ranks.mean_ranks[group[-1]]
        free = [level for level, last in enumerate(ends) if start - last > 0.06 * len(ranks.titles)]
        level = free[0] if free else len(ends)
        ends[level : level + 1] = [end]
        levels.append(level)
    return levels


def _ends(ranks: ModelRanks) -> tuple[int, int]:
    """Whole ranks around all mean ranks; the axis shows what is used of 1..M."""
    lowest, highest = floor(ranks.mean_ranks[0]), ceil(ranks.mean_ranks[-1])
    return lowest, max(highest, lowest + 1)


def _draw_names(axes: "Axes", ranks: ModelRanks, labels: list[str], half: int, top: float) -> None:
    """A line from each mean rank down, and outwards to the model's name; the outermost models are the highest."""
    lowest, highest = axes.get_xlim()
    inch = (highest - lowest) / AXIS
    count = len(labels)
    for number, label in enumerate(labels):
        rank, on_left = ranks.mean_ranks[number], number < half
        row = number if on_left else count - 1 - number
        below = top + LINE * (row + 0.5)
        edge = lowest - SIDE * inch * 0.6 if on_left else highest + SIDE * inch * 0.6
        axes.plot([rank, rank, edge], [0, below, below], color=GREY, linewidth=0.8, clip_on=False, zorder=2)
        axes.plot([rank], [0], "o", color=INK, markersize=3.5, clip_on=False, zorder=4)
        gap = -0.06 * inch if on_left else 0.06 * inch
        style: dict[str, Any] = {"ha": "right" if on_left else "left", "va": "center", "fontsize": NORMAL, "color": INK}
        axes.text(edge + gap, below, label, **style)


def _draw_bars(axes: "Axes", ranks: ModelRanks, levels: list[int]) -> None:
    """A thick line over the models of each group, a little longer than they reach, but not as far as the next model."""
    lowest, highest = axes.get_xlim()
    over = 0.05 * (highest - lowest) / AXIS
    means = [-np.inf, *ranks.mean_ranks, np.inf]  # that of model i is means[i + 1]
    for group, level in zip(ranks.groups, levels, strict=True):
        start, end = means[group[0] + 1], means[group[-1] + 1]
        ends = [start - min(over, 0.4 * (start - means[group[0]])), end + min(over, 0.4 * (means[group[-1] + 2] - end))]
        height = GAP + BAR * (level + 0.5)
        style: dict[str, Any] = {"linewidth": 4.0, "solid_capstyle": "butt", "color": BLUE, "zorder": 3}
        axes.plot(ends, [height, height], clip_on=False, **style)

"""One figure of how a table of higher numbers can be made out of one honest training of each model."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from atm_gcn.files.figures import write_figure
from atm_gcn.training.comparison import drawing
from atm_gcn.training.comparison.drawing import DPI, GREY, INK, NORMAL, PALE, SMALL, short, text_width
from atm_gcn.training.comparison.peeking.audit import DESCRIPTIONS, EVERYTHING, HONEST, PeekingAudit, points_added

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Mark(NamedTuple):
    """How a reading is drawn."""

    shape: str
    colour: str
    size: float  # points


class LegendLine(NamedTuple):
    """A reading and what it is, a heading, or an empty line."""

    text: str = ""
    reading: str = ""
    points: str = ""


MARKS = {
    "best_seed": Mark("v", drawing.SKY, 5.5),
    "best_epoch_of_all": Mark("^", drawing.BLUE, 5.5),
    "best_epoch_per_subject": Mark("s", drawing.ORANGE, 5.0),
    "mean_over_subjects": Mark("d", drawing.PURPLE, 5.5),
    "present_classes": Mark("D", drawing.GREEN, 4.2),
    EVERYTHING: Mark("o", drawing.RED, 8.0),
}
"""Readings that are drawn beside ``honest``; the others are two of them at once."""
PLOT, MARGIN, ROW = 4.8, 0.15, 0.27  # inches
HEAD, ABOVE, AXIS, LINE = 0.34, 0.04, 0.52, 0.18
TEXT, POINTS = 0.3, 0.38  # where a line of the legend begins, and room for points before it
HEADER = "all together"


def draw_peeking(
    audits: Mapping[str, PeekingAudit], path: Path, score: str = "uf1", chance: float | None = None
) -> None:
    """Draw the figure as PNG; without matplotlib, log what to install.

    Args:
        audits: By the title of the model.
        path: File to write.
        score: ``"uf1"``, ``"uar"`` or ``"acc"``.
        chance: Score of drawing classes at random; None draws no line for it.
    """
    write_figure(path, lambda: peeking_figure(audits, score, chance), DPI)


def peeking_figure(audits: Mapping[str, PeekingAudit], score: str = "uf1", chance: float | None = None) -> "Figure":
    """The figure of :func:`draw_peeking`: a row per model, by its honest score; the legend has medians over models."""
    from matplotlib.figure import Figure

    order = sorted(audits, key=lambda title: -audits[title].honest[score])
    legend = _legend(audits, score)
    left = MARGIN + 0.12 + max(text_width(short(title), NORMAL) for title in order)
    width = max(left + PLOT + 0.1 + text_width(HEADER, SMALL) + MARGIN, 2 * MARGIN + max(map(_legend_width, legend)))
    rows = ROW * len(order)
    foot = MARGIN + LINE * len(legend)
    height = HEAD + rows + AXIS + foot
    figure = Figure(figsize=(width, height))
    plot = width - left - 0.1 - text_width(HEADER, SMALL) - MARGIN
    axes = figure.add_axes((left / width, (foot + AXIS) / height, plot / width, rows / height))
    for row, title in enumerate(order):
        _draw_row(axes, row, audits[title], score)
    _draw_points(axes, order, audits, score)
    _style(axes, [short(title) for title in order], score, chance)
    _draw_legend(figure, legend)
    return figure


def signed(points: float) -> str:
    """Points with their sign and one decimal."""
    return f"{points:+.1f}".replace("-", "\N{MINUS SIGN}")


def _draw_row(axes: "Axes", row: int, audit: PeekingAudit, score: str) -> None:
    drawn = {name: audit.readings[name][score] for name in (HONEST, *MARKS) if name in audit.readings}
    axes.plot([min(drawn.values()), max(drawn.values())], [row, row], color=PALE, linewidth=1.4, zorder=1)
    for name, value in drawn.items():
        _draw_mark(axes, value, row, name)


def _draw_mark(axes: "Axes", x: float, y: float, name: str) -> None:
    """Honest is filled and on top; what is not a score is hollow."""
    if name == HONEST:
        axes.plot([x], [y], "o", color=INK, markersize=6.5, zorder=5, clip_on=False)
        return
    mark = MARKS[name]
    style: dict[str, Any] = {"markersize": mark.size, "markeredgewidth": 1.3, "markeredgecolor": mark.colour}
    face = "none" if name == EVERYTHING else "white"  # a circle around what it is made of
    axes.plot([x], [y], mark.shape, markerfacecolor=face, zorder=4 if face == "none" else 3, clip_on=False, **style)


def _draw_points(axes: "Axes", order: list[str], audits: Mapping[str, PeekingAudit], score: str) -> None:
    """On the right, what all choices together add to each model."""
    points = points_added(audits, score)[EVERYTHING].by_model
    inch = 1 / PLOT
    style: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center_baseline", "fontsize": NORMAL}
    for row, title in enumerate(order):
        axes.text(1 + 0.1 * inch, row, signed(points[title]), color=drawing.RED, **style)
    axes.text(1 + 0.1 * inch, -0.5 - ABOVE / ROW, HEADER, color=GREY, **{**style, "fontsize": SMALL, "va": "bottom"})


def _style(axes: "Axes", titles: list[str], score: str, chance: float | None) -> None:
    axes.set_ylim(len(titles) - 0.5, -0.5)
    axes.set_yticks(range(len(titles)), titles, fontsize=NORMAL, color=INK)
    axes.tick_params(axis="both", length=0)
    axes.tick_params(axis="x", labelsize=SMALL, labelcolor=INK)
    axes.set_xlabel(score.upper(), fontsize=NORMAL, color=INK)
    axes.grid(axis="x", color="#ECECEC", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set(color=PALE, linewidth=0.8)
    if chance is not None:
        axes.axvline(chance, color=GREY, linewidth=0.9, linestyle=(0, (3, 2)), zorder=2)
        place = (chance, -0.5 - ABOVE / ROW)
        axes.text(*place, "chance", ha="center", va="bottom", fontsize=SMALL, color=GREY)


def _legend(audits: Mapping[str, PeekingAudit], score: str) -> list[LegendLine]:
    added = points_added(audits, score)
    of_models = " in the median" if len(audits) > 1 else ""
    return [
        LegendLine("Score"),
        LegendLine(f"honest: {DESCRIPTIONS[HONEST]}", HONEST),
        LegendLine(),
        LegendLine(f"Not a score, and the points of {score.upper()} that it adds{of_models}"),
        *(LegendLine(DESCRIPTIONS[name], name, signed(added[name].median)) for name in MARKS if name in added),
    ]


def _legend_width(line: LegendLine) -> float:
    if not line.reading:
        return 1.15 * text_width(line.text, SMALL)  # bold
    return TEXT + (POINTS if line.points else 0) + text_width(line.text, SMALL)


def _draw_legend(figure: "Figure", lines: list[LegendLine]) -> None:
    width, height = figure.get_size_inches()
    box = (MARGIN / width, MARGIN / height, 1 - 2 * MARGIN / width, LINE * len(lines) / height)
    axes = figure.add_axes(box)
    axes.set(xlim=(0, width - 2 * MARGIN), ylim=(len(lines) - 0.5, -0.5))  # inches and lines
    axes.axis("off")
    style: dict[str, Any] = {"va": "center_baseline", "fontsize": SMALL, "color": INK}
    for number, line in enumerate(lines):
        if not line.reading:
            axes.text(0, number, line.text, fontweight="bold", **style)
            continue
        _draw_mark(axes, 0.12, number, line.reading)
        start = TEXT + POINTS if line.points else TEXT
        axes.text(start - 0.08, number, line.points, ha="right", **style)
        axes.text(start, number, line.text, **style)

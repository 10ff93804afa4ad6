"""The panels of the temporal graph: A^(0) as arcs and matrix, and the edge weights of every layer and head as rows."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize

from atm_gcn.explain.curves import draw_marks
from atm_gcn.explain.explained_clip import ExplainedClip
from atm_gcn.explain.graphs import draw_arcs, draw_matrix, draw_rows, frames_per_group, weight_rows, window_of
from atm_gcn.explain.page import Page
from atm_gcn.explain.palette import weight_scale, weight_ticks

ARCS, BELOW = 0.95, 0.17  # inches: height of the arcs, and of the gap below them
GAP = 0.12  # below the other panels
LABELLED = 0.11  # height of a row of cells beside which its name fits
APART = 0.4  # rows between those of the apex and those of the window
MOST_ROWS = 9  # of the window, at full height


class GraphPanels:
    """The panels of a clip's graph, and the height that they need.

    Args:
        clip: A clip whose explanation has edge weights.
    """

    def __init__(self, clip: ExplainedClip) -> None:
        self.clip, self.explanation = clip, clip.explanation
        self.edges = self.explanation.edge_index.numpy()
        nodes, self.apex = len(clip.frames) - 1, clip.apex - 1
        self.exists = np.zeros((nodes, nodes), bool)
        self.exists[tuple(self.edges)] = True
        self.window = window_of(self.edges, self.apex)
        layers = range(1, len(self.explanation.edge_weight) + 1)
        self.rows = [(layer, head) for layer in layers for head in range(1, self.explanation.heads(layer) + 1)]
        self.cell = next(cell for most, cell in ((4, LABELLED), (8, 0.085), (np.inf, 0.065)) if len(self.rows) <= most)
        self.first = (0, 1) if self.explanation.initial_weight is not None else self.rows[0]
        if self.first == (0, 1):
            self.rows.insert(0, self.first)

    @property
    def height(self) -> float:
        """Inches, with the gap below the last panel."""
        return ARCS + BELOW + sum(self._height(*row) + GAP for row in self.rows)

    def draw(self, page: Page, top: float, left: float, width: float, side: float, times: np.ndarray) -> list[Axes]:
        """Draw the panels from ``top`` down, in inches.

        Args:
            page: Page of the figure.
            top: Upper end.
            left: Where the time axis begins.
            width: Its length.
            side: Where the column beside it begins.
            times: ``[L]`` time of each frame.

        Returns:
            The panels over the time axis, in order.
        """
        weights = [self.explanation.adjacency(*row).numpy()[self.exists] for row in self.rows]
        colours, norm = weight_scale(min(w.min() for w in weights), max(w.max() for w in weights))
        panels = [self._draw_arcs(page, top, left, width, side, times, colours, norm)]
        top += ARCS + BELOW
        for row in self.rows:
            height = self._height(*row)
            panels.append(page.place(left, top, width, height))
            names = self._draw_rows(panels[-1], row, times, colours, norm)
            if row == self.rows[0]:
                self._name_rows(panels[-1], row, names)
            label = page.place(side, top, 1, height)
            label.set_axis_off()
            label.text(0, 0.5, self._measures(*row), fontsize=7, va="center")
            top += height + GAP
        return panels

    def _draw_arcs(
        self,
        page: Page,
        top: float,
        left: float,
        width: float,
        side: float,
        times: np.ndarray,
        colours: Colormap,
        norm: Normalize,
    ) -> Axes:
        matrix = self.explanation.adjacency(*self.first).numpy()
        arcs = page.place(left, top, width, ARCS)
        draw_marks(arcs, times, self.clip)
        draw_arcs(arcs, times[1:], self.edges, matrix[tuple(self.edges)], colours, norm)
        arcs.set_ylabel(f"edges,\n{_name(*self.first, 1)}")
        square = page.place(side - 0.25, top, ARCS, ARCS)
        draw_matrix(square, matrix, self.exists, self.apex, colours, norm)
        square.set_xlabel("to", labelpad=1)
        square.set_ylabel("from", labelpad=1)
        bar = page.place(side + 0.8, top, 0.08, ARCS)
        page.figure.colorbar(ScalarMappable(norm, colours), cax=bar, ticks=weight_ticks(norm), format="%g")
        bar.set_title("weight", fontsize=7, pad=5)
        bar.tick_params(length=2, pad=1)
        size = frames_per_group(len(times) - 1)
        if size > 1:
            note = f"one arc for {size} frames: their strongest edge"
            page.write(left + width, top + ARCS + 0.035, note, ha="right", fontsize=7)
        return arcs

    def _height(self, layer: int, head: int) -> float:
        cell = LABELLED if (layer, head) == self.rows[0] else self.cell
        return cell * (2 + APART + min(2 * self.window + 1, MOST_ROWS))

    def _bounds(self) -> np.ndarray:
        """Upper end of each row and the lower end of the last, from 1 to 0."""
        window = 2 * self.window + 1
        sizes = np.array([1, 1 + APART, *[min(1, MOST_ROWS / window)] * window])
        return 1 - np.concatenate([[0], sizes.cumsum() / sizes.sum()])

    def _draw_rows(
        self, axes: Axes, row: tuple[int, int], times: np.ndarray, colours: Colormap, norm: Normalize
    ) -> list[str]:
        matrix = self.explanation.adjacency(*row).numpy()
        names, rows = weight_rows(matrix, self.exists, self.apex, self.window)
        draw_rows(axes, times[1:], rows, self._bounds(), colours, norm)
        draw_marks(axes, times, self.clip)
        axes.set_ylabel(_name(*row, self.explanation.heads(row[0])))
        return names

    def _name_rows(self, axes: Axes, row: tuple[int, int], names: list[str]) -> None:
        bounds = self._bounds()
        centres = (bounds[1:] + bounds[:-1]) / 2
        centres[1] = 2 * bounds[1] - bounds[0] + (bounds[0] - bounds[1]) / 2
        shown = range(len(names)) if 2 * self.window + 1 <= MOST_ROWS else (0, 1, 2, 2 + self.window, len(names) - 1)
        for number in shown:
            axes.annotate(
                names[number],
                (1, centres[number]),
                xycoords="axes fraction",
                xytext=(2, 0),
                textcoords="offset points",
                va="center",
                fontsize=7,
            )

    def _measures(self, layer: int, head: int) -> str:
        share = float(self.explanation.global_share(layer)[0, head - 1])
        if layer == 0:
            return f"apex: {self.explanation.global_edge_share.item():.0%} of edges,\n{share:.0%} of weight"
        if math.isnan(share):
            return "all weights 0"
        text = f"apex: {share:.0%} of weight"
        if self.explanation.initial_weight is not None:
            correlation = float(self.explanation.initial_correlation(layer)[0, head - 1])
            text += "" if math.isnan(correlation) else f"\nr with A⁽⁰⁾: {correlation:.2f}"
        return text


def _name(layer: int, head: int, heads: int) -> str:
    if layer == 0:
        return "A⁽⁰⁾"
    return f"layer {layer}" + (f",\nhead {head}" if heads > 1 else "")

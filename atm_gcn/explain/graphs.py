"""The temporal graph of a clip: edges as arcs over time, and the adjacency matrix."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap, Normalize

from atm_gcn.explain.palette import INK, MARKS

ANGLES = np.linspace(0, np.pi, 25)


def draw_arcs(
    axes: Axes, times: np.ndarray, edge_index: np.ndarray, weight: np.ndarray, colours: Colormap, norm: Normalize
) -> None:
    """Draw edges from node to node: forward in time above the line, backward below it, self-loops as dots on it.

    Args:
        axes: The panel.
        times: ``[n]`` time of each node.
        edge_index: ``[2, E]``.
        weight: ``[E]``; a larger weight gives a thicker arc.
        colours: Colour map.
        norm: Range of the weights.
    """
    order = np.abs(weight).argsort(kind="stable")  # large weights are drawn on top
    source, target = times[edge_index[:, order]]
    weight = weight[order]
    loops = source == target
    axes.axhline(0, color=INK, linewidth=0.5, zorder=0)
    arcs = LineCollection(list(_ellipses(source[~loops], target[~loops])), cmap=colours, norm=norm)
    arcs.set_array(weight[~loops])
    largest = np.abs(np.array([norm.vmin, norm.vmax], dtype=float)).max()
    arcs.set_linewidth(0.4 + 1.4 * np.abs(weight[~loops]) / largest)
    axes.add_collection(arcs)
    size = min(14.0, 500 / len(times))
    axes.scatter(source[loops], 0 * source[loops], s=size, c=weight[loops], cmap=colours, norm=norm, zorder=3)
    axes.set(ylim=(-1.08, 1.08), yticks=[])
    axes.spines["left"].set_visible(False)


def _ellipses(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """``[E, 25, 2]`` half-ellipses; height grows with the root of the span, so that short edges stay visible."""
    middle, half = (source + target) / 2, np.abs(target - source) / 2
    height = np.sign(target - source) * np.sqrt(half / half.max(initial=1e-9))
    x = middle[:, None] - half[:, None] * np.cos(ANGLES)
    return np.stack([x, height[:, None] * np.sin(ANGLES)], axis=-1)


def draw_matrix(
    axes: Axes, matrix: np.ndarray, exists: np.ndarray, apex: int, colours: Colormap, norm: Normalize
) -> None:
    """Draw the adjacency matrix, row i to column j, white where there is no edge; ticks at the apex's node."""
    axes.imshow(np.where(exists, matrix, np.nan), cmap=colours, norm=norm, interpolation="nearest")
    axes.set(xticks=[apex], yticks=[apex], xticklabels=[], yticklabels=[])
    axes.tick_params(length=3, width=1.2, color=MARKS["apex"])
    for spine in axes.spines.values():
        spine.set(visible=True, linewidth=0.5)

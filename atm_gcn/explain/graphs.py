"""The temporal graph of a clip: edges as arcs over time, and the adjacency matrix; of long clips the strongest ones."""

from math import ceil

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap, Normalize

from atm_gcn.explain.palette import INK, MARKS

ANGLES = np.linspace(0, np.pi, 25)
MOST_NODES = 40  # whose edges can be told apart in a panel


def frames_per_group(num_nodes: int) -> int:
    """Consecutive nodes that are drawn together; 1 where every node has room for its own edges."""
    return ceil(num_nodes / MOST_NODES)


def strongest_edges(
    times: np.ndarray, edge_index: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The edges to draw: all of a short clip; of a long one, the strongest of each group of nodes.

    These are the strongest self-loop of every group; the strongest edge forward, and backward, to a neighbour at most a
    group's length away, drawn as wide as the group; and of the longer edges the strongest between any two groups.

    Args:
        times: ``[n]`` time of each node.
        edge_index: ``[2, E]``.
        weight: ``[E]``.

    Returns:
        The times where each edge begins and ends, which are equal for self-loops, and its weight.
    """
    size, count = frames_per_group(len(times)), len(times)
    order = (-np.abs(weight)).argsort(kind="stable")
    (source, target), weight = edge_index[:, order], weight[order]
    if size == 1:
        return times[source], times[target], weight
    span, group, groups = target - source, source // size, ceil(count / size)
    near = np.abs(span) <= size
    key = np.where(near, np.sign(span) + 1, 3 + target // size) * groups + group
    kept = np.sort(np.unique(key, return_index=True)[1])
    source, target, weight, near, span, group = (a[kept] for a in (source, target, weight, near, span, group))
    ends = np.interp(np.arange(groups + 1) * size - 0.5, np.arange(count), times)  # of the groups
    middle, forward = (ends[group] + ends[group + 1]) / 2, span > 0
    first = np.where(span == 0, middle, np.where(forward, ends[group], ends[group + 1]))
    last = np.where(span == 0, middle, np.where(forward, ends[group + 1], ends[group]))
    return np.where(near, first, times[source]), np.where(near, last, times[target]), weight


def strongest_of_blocks(matrix: np.ndarray, exists: np.ndarray) -> np.ndarray:
    """The strongest entry of each block of the groups' nodes, NaN where no edge exists: ``[n, n]`` to ``[G, G]``."""
    size = frames_per_group(len(matrix))
    fill = -len(matrix) % size
    blocks = np.pad(np.where(exists, matrix, np.nan), (0, fill), constant_values=np.nan)
    groups = len(blocks) // size
    blocks = blocks.reshape(groups, size, groups, size).transpose(0, 2, 1, 3).reshape(groups, groups, -1)
    strongest = np.where(np.isnan(blocks), -1, np.abs(blocks)).argmax(axis=-1)
    return np.take_along_axis(blocks, strongest[..., None], axis=-1)[..., 0]


def draw_arcs(
    axes: Axes, times: np.ndarray, edge_index: np.ndarray, weight: np.ndarray, colours: Colormap, norm: Normalize
) -> None:
    """Draw edges from node to node: forward in time above the line, backward below it, self-loops as dots on it.

    Args:
        axes: The panel.
        times: ``[n]`` time of each node.
        edge_index: ``[2, E]``; of long clips :func:`strongest_edges` are drawn.
        weight: ``[E]``; a larger weight gives a thicker arc.
        colours: Colour map.
        norm: Range of the weights.
    """
    source, target, weight = (side[::-1] for side in strongest_edges(times, edge_index, weight))  # strongest on top
    loops = source == target
    axes.axhline(0, color=INK, linewidth=0.5, zorder=0)
    arcs = LineCollection(list(_ellipses(source[~loops], target[~loops])), cmap=colours, norm=norm)
    arcs.set_array(weight[~loops])
    largest = np.abs(np.array([norm.vmin, norm.vmax], dtype=float)).max()
    arcs.set_linewidth(0.4 + 1.4 * np.abs(weight[~loops]) / largest)
    axes.add_collection(arcs)
    size = min(14.0, 500 / min(len(times), MOST_NODES))
    dots = axes.scatter(source[loops], 0 * source[loops], s=size, c=weight[loops], cmap=colours, norm=norm, zorder=3)
    dots.set(edgecolor=INK, linewidth=0.3)
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
    """Draw the adjacency matrix, row i to column j, white where there is no edge; ticks at the apex's node.

    Of a long clip, each cell is the strongest edge between two groups of nodes.
    """
    axes.imshow(strongest_of_blocks(matrix, exists), cmap=colours, norm=norm, interpolation="nearest")
    apex //= frames_per_group(len(matrix))
    axes.set(xticks=[apex], yticks=[apex], xticklabels=[], yticklabels=[])
    axes.tick_params(length=3, width=1.2, color=MARKS["apex"])
    for spine in axes.spines.values():
        spine.set(visible=True, linewidth=0.5)

"""The temporal graph of a clip: edges as arcs, as a matrix, and as rows of cells over time."""

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
    arcs.set_linewidth(0.4 + 1.4 * np.sqrt(np.abs(weight[~loops]) / largest))
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


def window_of(edge_index: np.ndarray, apex: int) -> int:
    """Largest offset in nodes of an edge that is not the global node's; at least 1, and 0 in a clip of one node."""
    offsets = np.abs(edge_index[1] - edge_index[0])[~(edge_index == apex).any(axis=0)]
    return int(max(offsets.max(initial=1), 1)) if edge_index.max(initial=0) > 0 else 0


def weight_rows(matrix: np.ndarray, exists: np.ndarray, apex: int, window: int) -> tuple[list[str], np.ndarray]:
    """The edges of a clip as rows of cells over its nodes.

    The first rows are the edges from the apex's node to each node, and to it from each node, those inside the window
    included. The others are the edges from each node to the node at one offset, the latest first.

    Args:
        matrix: ``[n, n]``, row i, column j weighs the edge from i to j.
        exists: ``[n, n]`` bool.
        apex: The apex's node.
        window: Largest offset.

    Returns:
        The names of the rows, and ``[2w + 3, n]`` weights, NaN where there is no edge.
    """
    nodes = len(matrix)
    weights = np.where(exists, matrix, np.nan)
    rows = np.full((2 * window + 3, nodes), np.nan)
    rows[0], rows[1] = weights[apex], weights[:, apex]
    rows[:2, apex] = np.nan  # its self-loop is in the row of self-loops
    for row, offset in enumerate(range(window, -window - 1, -1), start=2):
        source = np.arange(max(0, -offset), min(nodes, nodes - offset))
        rows[row, source] = weights[source, source + offset]
    names = [f"{offset:+d}" if offset else "self" for offset in range(window, -window - 1, -1)]
    return ["from apex", "to apex", *names], rows


def draw_rows(
    axes: Axes, times: np.ndarray, rows: np.ndarray, bottoms: np.ndarray, colours: Colormap, norm: Normalize
) -> None:
    """Draw :func:`weight_rows`: a cell per node and row, as wide as the time to the middle between nodes.

    Args:
        axes: The panel, whose height is 1 from bottom to top.
        times: ``[n]`` time of each node.
        rows: ``[R, n]``.
        bottoms: ``[R + 1]`` upper end of each row, descending from 1, and the lower end of the last; the two rows of
            the apex end a gap above the third.
        colours: Colour map.
        norm: Range of the weights.
    """
    middle = (times[1:] + times[:-1]) / 2
    first, last = (1.0, 1.0) if len(times) == 1 else (times[1] - times[0], times[-1] - times[-2])
    ends = np.concatenate([[times[0] - first / 2], middle, [times[-1] + last / 2]])
    for part in (slice(0, 2), slice(2, len(rows))):
        heights = bottoms[part.start : part.stop + 1].copy()
        if part.start == 0:
            heights[-1] = 2 * heights[1] - heights[0]
        axes.pcolormesh(
            ends, heights, np.ma.masked_invalid(rows[part]), cmap=colours, norm=norm, rasterized=True, zorder=0.4
        )
    axes.set(ylim=(0, 1), yticks=[])
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)

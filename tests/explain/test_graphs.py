"""Edges as arcs, and which of them are drawn."""

import numpy as np
import pytest

from atm_gcn.explain.graphs import (
    MOST_NODES,
    _ellipses,
    frames_per_group,
    strongest_edges,
    strongest_of_blocks,
    weight_rows,
    window_of,
)
from atm_gcn.explain.palette import weight_scale, weight_ticks


def test_forward_edges_are_above_and_end_where_they_should():
    forward, backward = _ellipses(np.array([0.0, 5.0]), np.array([4.0, 3.0]))
    assert forward[0].tolist() == [0, 0] and np.allclose(forward[-1], [4, 0])
    assert forward[:, 1].max() == 1 and backward[:, 1].min() < 0
    assert np.allclose(sorted(backward[[0, -1], 0]), [3, 5])


def test_weights_below_zero_get_a_scale_with_a_middle():
    assert (weight_scale(0.1, 0.9)[1].vmin, weight_scale(0.1, 0.9)[1].vmax) == (0, 0.9)
    assert weight_scale(-0.5, 0.9)[1].vmin == -0.9


def test_weights_near_zero_are_not_white():
    colours, norm = weight_scale(-0.9, 0.9)
    for weight in (-0.001, 0.001):
        assert min(colours(norm(weight))[:3]) < 0.95


@pytest.mark.parametrize(
    ("low", "high", "ticks"), [(0, 1, [0, 0.2, 1]), (-0.034, 0.01, [-0.03, -0.006, 0, 0.006, 0.03])]
)
def test_the_scale_does_not_drown_small_weights(low, high, ticks):
    _, norm = weight_scale(low, high)
    assert weight_ticks(norm) == pytest.approx(ticks)
    largest = max(-low, high)
    assert norm(0.01 * largest) - norm(0) == pytest.approx(0.1 * (norm(largest) - norm(0)))
    assert norm.inverse(norm(0.3 * largest)) == pytest.approx(0.3 * largest)


@pytest.mark.parametrize("window", [1, 2])
@pytest.mark.parametrize(("nodes", "apex"), [(9, 3), (9, 8), (2, 0), (1, 0)])
def test_every_edge_has_a_cell(nodes, apex, window):
    edges, weight = clip_graph(nodes, apex, window)
    matrix, exists = np.zeros((nodes, nodes)), np.zeros((nodes, nodes), bool)
    matrix[tuple(edges)], exists[tuple(edges)] = weight, True
    width = window_of(edges, apex)
    assert width == window if nodes == 9 else width <= 1
    names, rows = weight_rows(matrix, exists, apex, width)
    assert len(names) == len(rows) == 2 * width + 3
    found = {}
    for name, row in zip(names, rows, strict=True):
        for node in np.flatnonzero(~np.isnan(row)):
            offset = 0 if name == "self" else int(name) if name[0] in "+-" else None
            edge = {"from apex": (apex, node), "to apex": (node, apex)}.get(name, (node, node + (offset or 0)))
            assert row[node] == found.setdefault(edge, row[node])
    assert found == dict(zip(map(tuple, edges.T), weight, strict=True))


def clip_graph(nodes, apex, window=1):
    """Edges of a clip: to neighbours, to and from the apex, self-loops; and a weight of each."""
    pairs = {(i, j) for i in range(nodes) for j in range(nodes) if abs(i - j) <= window or apex in (i, j)}
    edges = np.array(sorted(pairs)).T
    return edges, np.random.default_rng(nodes).normal(size=edges.shape[1])


def test_every_edge_of_a_short_clip_is_drawn():
    edges, weight = clip_graph(MOST_NODES, 5)
    times = np.arange(MOST_NODES) * 10.0
    source, target, drawn = strongest_edges(times, edges, weight)
    assert sorted(zip(source, target, drawn, strict=True)) == sorted(zip(*times[edges], weight, strict=True))


@pytest.mark.parametrize(("nodes", "size", "groups"), [(69, 2, 35), (149, 4, 38), (299, 8, 38)])
def test_of_a_long_clip_the_strongest_edges_are_drawn(nodes, size, groups):
    edges, weight = clip_graph(nodes, nodes // 3, window=2)
    times = np.arange(1.0, nodes + 1)
    source, target, drawn = strongest_edges(times, edges, weight)
    assert frames_per_group(nodes) == size
    assert (source == target).sum() == groups
    for way in (1, -1):
        short = (np.sign(target - source) == way) & (np.abs(target - source) <= size)
        assert (
            groups - 1 <= short.sum() <= groups + 1
        )  # no edge backward from a lone first node, or forward from a last
        assert short.sum() + ((np.sign(target - source) == way) & ~short).sum() < 3 * groups
    assert np.abs(drawn).max() == np.abs(weight).max()
    assert times[0] <= min(source.min(), target.min()) and max(source.max(), target.max()) <= times[-1]


def test_the_kept_edges_are_the_strongest_of_their_group():
    nodes = 2 * MOST_NODES
    edges, weight = clip_graph(nodes, 0)
    weight = np.where(edges[1] - edges[0] == 1, edges[0] + 1.0, -0.5)  # forward: stronger from edge to edge
    source, target, drawn = strongest_edges(np.arange(float(nodes)), edges, weight)
    short = (target > source) & (target - source <= 2)
    assert sorted(drawn[short].tolist()) == [*range(2, nodes - 1, 2), nodes - 1]
    assert set(drawn[~short].tolist()) == {-0.5}


def test_blocks_of_the_matrix():
    matrix = np.zeros((MOST_NODES + 1,) * 2)
    exists = np.zeros(matrix.shape, bool)
    matrix[0, 3], matrix[1, 2], matrix[40, 40] = 0.5, -0.7, 0.1
    exists[0, 3] = exists[1, 2] = exists[40, 40] = True
    blocks = strongest_of_blocks(matrix, exists)
    assert blocks.shape == (21, 21)
    assert (blocks[0, 1], blocks[20, 20]) == (-0.7, 0.1)
    assert np.isnan(blocks).sum() == 21 * 21 - 2
    small = strongest_of_blocks(matrix[:3, :3], exists[:3, :3])
    assert (small[1, 2], np.isnan(small).sum()) == (-0.7, 8)

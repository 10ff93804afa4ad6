import pytest
import torch

from atm_gcn.graph import build_topology
from atm_gcn.graph._backends.banded import banded_sum
from atm_gcn.graph._slots.table import (
    cells_of_edges,
    edges_to_slots,
    slots_of_clips,
    slots_of_edges,
    slots_to_edges,
    window_of,
)
from tests.clips import SIZES, ragged_clips


def edges_by_the_equations(sizes, global_node, window):
    """Eq. 3-5 read aloud, one pair of frames at a time."""
    edges, first = set(), 0
    for n, g in zip(sizes, global_node.tolist(), strict=True):
        for i in range(n):
            for j in range(n):
                if abs(i - j) <= window or g in (i, j):
                    edges.add((first + i, first + j))
        first += n
    return edges


@pytest.mark.parametrize("window", [0, 1, 2, 8, 100])
def test_edges_are_those_of_the_equations(window):
    clips = ragged_clips(4, window)
    edges = list(map(tuple, clips.topology.edge_index.t().tolist()))
    assert len(edges) == len(set(edges)), "an edge is repeated"
    assert set(edges) == edges_by_the_equations(SIZES, clips.global_node, window)


def test_edges_are_sorted_by_destination():
    destination = ragged_clips(4, 2).topology.edge_index[1]
    assert (destination.diff() >= 0).all()


@pytest.mark.parametrize("window", [0, 1, 3])
def test_slots_name_every_edge_once_and_say_what_it_is(window):
    clips = ragged_clips(4, window)
    (source, destination), slot, _ = clips.topology
    clip = torch.repeat_interleave(clips.num_nodes)
    anchor = clips.global_index[clip]
    in_window = slot <= 2 * window
    assert (destination - source == slot - window)[in_window].all()
    assert (destination == anchor[source])[slot == 2 * window + 1].all()
    assert (source == anchor[destination])[slot == 2 * window + 2].all()
    far = (source - destination).abs() > window
    assert torch.equal(far, ~in_window), "a pair inside the window belongs to a window slot"


@pytest.mark.parametrize("window", [0, 1, 2, 9])
def test_slots_of_edges_and_of_clips_agree(window):
    clips = ragged_clips(4, window)
    first = clips.num_nodes.cumsum(0) - clips.num_nodes
    clip = torch.repeat_interleave(clips.num_nodes)
    of_clips = slots_of_clips(clip, clips.num_nodes, first, clips.global_index, window)
    of_edges = slots_of_edges(*clips.topology[:2], clips.x.size(0), window)
    assert torch.equal(of_clips.mask, of_edges.mask)
    outward = of_clips.mask[:, -1]
    assert torch.equal(of_clips.anchor[outward], of_edges.anchor[outward])
    assert window_of(*clips.topology[:2]) == window


def test_values_survive_the_way_into_the_table_and_back():
    clips = ragged_clips(4, 2)
    edge_index, edge_slot, window = clips.topology
    slots = slots_of_edges(edge_index, edge_slot, clips.x.size(0), window)
    value = torch.rand(edge_slot.numel()) + 1
    cells = cells_of_edges(edge_index, edge_slot, window)
    table = edges_to_slots(value, cells, len(slots.mask), slots.window)
    assert torch.equal(slots_to_edges(table, cells), value)
    assert torch.equal(table != 0, slots.mask)


@pytest.mark.parametrize(
    ("num_nodes", "global_node", "window", "complaint"),
    [
        ([3, 0], [0, 0], 1, "clip 1 of the batch, counted from 0, has no node; leave it out"),
        ([], [], 1, "the batch has no clip"),
        ([3, 2], [0, 2], 1, "clip 1 .* has its global node at 2, outside of its nodes 0 to 1"),
        ([3, 2], [0, -1], 1, "clip 1 .* has its global node at -1, outside of its nodes 0 to 1"),
        ([3, 2], [0], 1, r"must both be \[B\]"),
        ([3], [0], -1, "window must be 0 or more"),
    ],
)
def test_impossible_clips_are_refused(num_nodes, global_node, window, complaint):
    with pytest.raises(ValueError, match=complaint):
        build_topology(torch.tensor(num_nodes), torch.tensor(global_node), window)


def test_edges_torn_from_their_global_node_are_summed_all_the_same():
    clips = ragged_clips(3, 1, sizes=(9,))
    edge_index, edge_slot, _ = clips.topology
    torn = ~((edge_index.sort(0).values == torch.tensor([[2], [3]])).all(0))
    edge_index, edge_slot = edge_index[:, torn], edge_slot[torn]
    weight = torch.rand(edge_slot.numel(), dtype=torch.float64)
    slots = slots_of_edges(edge_index, edge_slot, 9, 1)
    assert slots.pattern is None
    expected = torch.zeros(9, 9, dtype=torch.float64).index_put(tuple(edge_index), weight).t() @ clips.x
    out = banded_sum(clips.x, edges_to_slots(weight, cells_of_edges(edge_index, edge_slot, 1), 9, 1), slots)
    assert torch.allclose(out, expected, atol=1e-12)

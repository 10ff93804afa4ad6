"""Share, correlation and slope of edge weights against those of Eq. 6-8."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from atm_gcn.graph import build_topology, temporal_motion_weight
from atm_gcn.metrics.edge_weights import EdgeWeightMeasures

SIZES, APEXES = [7, 1, 12], [2, 0, 12 - 1]
PTR = torch.tensor([0, 7, 8, 20])
GLOBAL = PTR[:-1] + torch.tensor(APEXES)


@pytest.fixture(params=[1, 3], ids=lambda w: f"w={w}")
def graph(request):
    """Edges of three clips, one of a single node, and their A^(0)."""
    edges, slots, _ = build_topology(torch.tensor(SIZES), torch.tensor(APEXES), request.param)
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(20, 5, generator=generator) + 1
    pos = torch.cat([torch.arange(2, 2 + n) for n in SIZES]).float()
    return EdgeWeightMeasures(edges, GLOBAL, PTR, slots), temporal_motion_weight(x, edges, pos, GLOBAL)


def test_the_share_is_that_of_the_edges_of_the_global_node(graph):
    measures, initial = graph
    weight = torch.stack([initial, -initial], dim=1)
    for clip, (first, end) in enumerate(pairwise(PTR)):
        whole = of_global = 0.0
        for (i, j), a in zip(measures.edge_index.T.tolist(), initial.double().tolist(), strict=True):
            if first <= j < end:
                whole += a
                of_global += a if i != j and GLOBAL[clip] in (i, j) else 0.0
        assert measures.global_share(weight)[clip].tolist() == pytest.approx([of_global / whole] * 2)
    assert measures.global_share(weight)[1].tolist() == [0, 0]  # one node: a self-loop


def test_without_a_global_node_there_is_no_share():
    edges = build_topology(torch.tensor([4]), None, 1).edge_index
    measures = EdgeWeightMeasures(edges, torch.empty(0, dtype=torch.int64), torch.tensor([0, 4]))
    assert measures.global_share(torch.ones(edges.size(1), 1)).item() == 0
    assert measures.global_share(torch.zeros(edges.size(1), 1)).isnan().all()


def test_the_correlation_is_numpys_over_edges_between_different_nodes(graph):
    measures, initial = graph
    weight = torch.randn(len(initial), 3, generator=torch.Generator().manual_seed(2))
    ours = measures.correlation(weight, initial)
    source, destination = measures.edge_index
    for clip in (0, 2):
        inside = (destination >= PTR[clip]) & (destination < PTR[clip + 1]) & (source != destination)
        for head in range(3):
            expected = np.corrcoef(weight[inside, head].double(), initial[inside].double())[0, 1]
            assert ours[clip, head].item() == pytest.approx(expected)
    assert ours[1].isnan().all()  # one node
    assert measures.correlation(torch.ones_like(weight), initial).isnan().all()
    linear = measures.correlation(torch.stack([2 * initial + 1, -initial], dim=1), initial)[[0, 2]]
    assert torch.allclose(linear, torch.tensor([1.0, -1.0], dtype=torch.float64))


def test_the_slope_tells_features_from_kinds_of_edges(graph):
    measures, initial = graph
    kind = 2 * measures.edge_slot + torch.isin(measures.edge_index[0], GLOBAL)
    by_kind = torch.stack([initial[kind == one].mean() for one in kind])
    weight = torch.stack([initial, 0.1 * initial + by_kind, by_kind], dim=1)
    slopes = measures.slope(weight, initial)
    assert torch.allclose(slopes[[0, 2]], torch.tensor([1.0, 0.1, 0.0], dtype=torch.float64), atol=1e-6)
    assert slopes[1].isnan().all()  # one node
    assert (measures.correlation(weight, initial)[[0, 2], 2] > 0.1).all()  # which the slope does not count
    without = replace(measures, edge_slot=None).slope(weight[:, :1], initial)
    assert torch.allclose(without[[0, 2]], torch.ones(2, 1, dtype=torch.float64))


def test_a_clip_alone_equals_the_clip_in_a_batch(graph):
    measures, initial = graph
    weight = torch.randn(len(initial), 2, generator=torch.Generator().manual_seed(3))
    inside = measures.edge_index[1] >= 8
    alone = EdgeWeightMeasures(measures.edge_index[:, inside] - 8, GLOBAL[2:] - 8, torch.tensor([0, 12]))
    alone = replace(alone, edge_slot=measures.edge_slot[inside])
    assert torch.allclose(alone.global_share(weight[inside])[0], measures.global_share(weight)[2])
    for name in ("correlation", "slope"):
        of_batch = getattr(measures, name)(weight, initial)[2]
        assert torch.allclose(getattr(alone, name)(weight[inside], initial[inside])[0], of_batch)


def test_two_nodes_have_no_correlation():
    edges, slots, _ = build_topology(torch.tensor([2, 3]), torch.tensor([0, 0]), 1)
    measures = EdgeWeightMeasures(edges, torch.tensor([0, 2]), torch.tensor([0, 2, 5]), slots)
    initial = torch.rand(edges.size(1), dtype=torch.float64)
    assert measures.correlation(initial[:, None], initial)[:, 0].tolist() == [
        pytest.approx(float("nan"), nan_ok=True),
        pytest.approx(1.0),
    ]

import pytest
import torch
from torch.autograd import gradcheck

from atm_gcn.graph import SlotGraph, TMGCNConv
from atm_gcn.graph._backends.banded import banded_sum, normalize_slots
from atm_gcn.graph._backends.edges import normalize_edges
from atm_gcn.graph._slots import segments
from atm_gcn.graph._slots.segments import CHUNK, collect, spread
from atm_gcn.graph._slots.table import slots_of_edges
from tests.clips import ragged_clips

LONG = (2 * CHUNK + 3, 1, 2, CHUNK)


def by_matrix(clips, weight):
    """[num_nodes, num_nodes] with the weight of the edge i -> j in row i, column j."""
    n = clips.x.size(0)
    return torch.zeros(n, n, dtype=weight.dtype).index_put(tuple(clips.topology.edge_index), weight)


@pytest.mark.parametrize("few_nodes", [0, 10**6])
@pytest.mark.parametrize(("sizes", "window"), [((1, 4, 3), 0), ((1, 4, 3), 1), ((1, 4, 3), 9), (LONG, 2)])
def test_banded_sum_is_the_matrix_product(sizes, window, few_nodes, monkeypatch):
    monkeypatch.setattr(segments, "FEW_NODES", few_nodes)
    clips = ragged_clips(3, window, sizes=sizes)
    edge_index, edge_slot, _ = clips.topology
    slots = slots_of_edges(edge_index, edge_slot, clips.x.size(0), window)
    weight = torch.randn(edge_slot.numel(), dtype=torch.float64, requires_grad=True)
    x = clips.x.clone().requires_grad_()
    out = banded_sum(x, clips.edge_graph.to_slots(weight), slots)
    expected = by_matrix(clips, weight).t() @ x
    assert torch.allclose(out, expected, atol=1e-10)
    probe = torch.randn_like(out)
    for ours, theirs in zip(
        *(torch.autograd.grad((o * probe).sum(), (x, weight)) for o in (out, expected)), strict=True
    ):
        assert torch.allclose(ours, theirs, atol=1e-10)


@pytest.mark.parametrize("function", [spread, collect])
def test_spread_and_collect_have_their_derivative(function):
    clips = ragged_clips(2, 1, sizes=(1, 5, 3))
    slots = slots_of_edges(*clips.topology[:2], clips.x.size(0), 1)
    assert gradcheck(lambda x: function(x, slots.anchor, slots.segments), (clips.x.clone().requires_grad_(),))


@pytest.mark.parametrize("normalize", ["sym", "in", None])
def test_normalisation_agrees_and_leaves_nodes_without_edges_alone(normalize):
    clips = ragged_clips(3, 1)
    edge_index, edge_slot, _ = clips.topology
    slots = slots_of_edges(edge_index, edge_slot, clips.x.size(0), 1)
    weight = torch.randn(edge_slot.numel(), dtype=torch.float64)
    weight[(edge_index[0] == 0) | (edge_index[1] == 0)] = 0
    weight.requires_grad_()
    by_edges = normalize_edges(weight, edge_index, clips.x.size(0), normalize)
    by_slots = normalize_slots(clips.edge_graph.to_slots(weight), slots, normalize)
    assert torch.allclose(clips.edge_graph.to_slots(by_edges), by_slots, atol=1e-12)
    (gradient,) = torch.autograd.grad(by_slots.square().sum(), weight)
    assert by_slots.isfinite().all() and gradient.isfinite().all()


@pytest.mark.parametrize("backend", ["edges", "banded", "csr"])
def test_bfloat16_and_autocast_stay_near_float32(backend):
    clips = ragged_clips(32, 2, dtype=torch.float32)
    conv = TMGCNConv(32, 32, backend=backend)
    given = {"pos": clips.pos, "global_index": clips.global_index, "edge_slot": clips.topology.edge_slot}
    exact = conv(clips.x, clips.topology.edge_index, **given)
    with torch.autocast("cpu", torch.bfloat16):
        cast = conv(clips.x, clips.topology.edge_index, **given)
        cast.float().sum().backward()
    half = conv.bfloat16()(clips.x.bfloat16(), clips.topology.edge_index, **given)
    assert half.dtype == torch.bfloat16
    assert all(parameter.grad.isfinite().all() for parameter in conv.parameters())
    for out in (cast, half):
        assert (out.float() - exact).abs().max() < 0.05 * exact.abs().max()


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)])
def test_slots_are_summed_the_same_way_every_time(device):
    clips = ragged_clips(16, 2, sizes=LONG, dtype=torch.float32)
    edge_index, edge_slot, window = (t.to(device) if isinstance(t, torch.Tensor) else t for t in clips.topology)
    conv = TMGCNConv(16, 16).to(device)
    results = []
    for _ in range(2):
        x = clips.x.to(device).requires_grad_()
        slots = slots_of_edges(edge_index, edge_slot, x.size(0), window)
        out = conv(x, SlotGraph(slots), pos=clips.pos.to(device), global_index=clips.global_index.to(device))
        results.append((out, torch.autograd.grad(out.square().sum(), x)[0]))
    assert all(torch.equal(*pair) for pair in zip(*results, strict=True))

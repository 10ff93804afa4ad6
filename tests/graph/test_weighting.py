import math

import pytest
import torch
from torch.autograd import gradcheck

from atm_gcn.graph import temporal_motion_weight
from atm_gcn.graph._slots.table import cells_of_edges, edges_to_slots, slots_of_edges
from atm_gcn.graph.weighting import angular_similarity, temporal_motion_slots, unit_vectors
from tests.clips import ragged_clips


def weight_by_the_equations(x, i, j, pos, is_global, tau=10.0, lambda_local=0.5, lambda_global=1.0):
    """Eq. 6-8 for one edge, with the arc cosine of the paper."""
    cosine = float(x[i] @ x[j] / (x[i].norm() * x[j].norm()))
    similarity = 1 - math.acos(max(-1.0, min(1.0, cosine))) / math.pi if i != j else 1.0
    return similarity * math.exp(-abs(pos[i] - pos[j]) / tau) * (lambda_global if is_global[i] else lambda_local)


@pytest.mark.parametrize("window", [0, 1, 2, 5])
def test_weights_are_those_of_the_equations(window):
    clips = ragged_clips(5, window)
    edge_index = clips.topology.edge_index
    weight = temporal_motion_weight(clips.x, edge_index, clips.pos, clips.global_index)
    is_global = [node in clips.global_index.tolist() for node in range(clips.x.size(0))]
    expected = [
        weight_by_the_equations(clips.x, i, j, clips.pos.tolist(), is_global) for i, j in edge_index.t().tolist()
    ]
    assert torch.allclose(weight, torch.tensor(expected, dtype=torch.float64), atol=1e-7, rtol=0)


@pytest.mark.parametrize("window", [0, 1, 2, 80])
def test_slots_agree_with_edges_in_value_and_gradient(window):
    clips = ragged_clips(5, window)
    edge_index, edge_slot, _ = clips.topology
    slots = slots_of_edges(edge_index, edge_slot, clips.x.size(0), window)
    x = clips.x.clone().requires_grad_()
    edges = temporal_motion_weight(x, edge_index, clips.pos, clips.global_index)
    by_edges = edges_to_slots(edges, cells_of_edges(edge_index, edge_slot, window), len(slots.mask), window)
    by_slots = temporal_motion_slots(x, slots, clips.pos, clips.global_index)
    assert torch.allclose(by_edges, by_slots, atol=1e-12)
    probe = torch.randn_like(by_slots)
    gradients = [torch.autograd.grad((table * probe).sum(), x, retain_graph=True)[0] for table in (by_edges, by_slots)]
    assert torch.allclose(*gradients, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_equal_opposite_and_zero_vectors_have_finite_values_and_gradients(dtype):
    one = torch.tensor([1.0, 2.0, -1.0])
    x = torch.stack([one, one, -one, torch.zeros(3), torch.zeros(3), one * 1e-20, one * 1e18])
    x = x.to(dtype).requires_grad_()
    edge_index = torch.cartesian_prod(torch.arange(7), torch.arange(7)).t()
    weight = temporal_motion_weight(x, edge_index, torch.zeros(7), torch.tensor([0]), lambda_local=0.5)
    weight.sum().backward()
    assert weight.isfinite().all() and x.grad.isfinite().all()
    table = (weight.detach() / torch.where(edge_index[0] == 0, 1.0, 0.5)).view(7, 7)
    assert torch.equal(table.diagonal(), torch.ones(7, dtype=table.dtype)), "a self-loop's similarity is exactly 1"
    tolerance = 1e-6 if dtype != torch.bfloat16 else 1e-3
    assert table[0, 1] == pytest.approx(1, abs=tolerance)
    assert table[0, 2] == pytest.approx(0, abs=tolerance)
    assert table[0, 3] == pytest.approx(0.5, abs=tolerance), "a zero vector is at a right angle to the others"
    assert table[3, 4] == pytest.approx(0.5, abs=tolerance), "and to another zero vector"


def test_gradient_is_the_derivative():
    clips = ragged_clips(3, 1, sizes=(1, 4, 3))
    x = clips.x.clone().requires_grad_()
    assert gradcheck(
        lambda x: temporal_motion_weight(x, clips.topology.edge_index, clips.pos, clips.global_index), (x,)
    )


def test_near_vectors_keep_their_angle_in_float32():
    base = torch.randn(64, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    near = base + 1e-5 * torch.randn(64, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    exact = 1 - angular_similarity(unit_vectors(base), unit_vectors(near))
    single = 1 - angular_similarity(unit_vectors(base.float()), unit_vectors(near.float()))
    assert single.item() == pytest.approx(exact.item(), rel=0.05)


def test_weights_are_float32_under_autocast():
    clips = ragged_clips(8, 1, dtype=torch.float32)
    arguments = (clips.topology.edge_index, clips.pos, clips.global_index)
    plain = temporal_motion_weight(clips.x, *arguments)
    with torch.autocast("cpu", torch.bfloat16):
        cast = temporal_motion_weight(clips.x, *arguments)
    assert cast.dtype == torch.float32
    assert torch.equal(cast, plain)

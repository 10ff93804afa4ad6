import pytest
import torch

from atm_gcn.graph import AdaptiveTM
from atm_gcn.graph.stack import TMGCNStack
from tests.clips import ragged_clips


def table_and_mask(window=2):
    clips = ragged_clips(4, window)
    mask = clips.edge_graph.slot_mask()
    return torch.rand(mask.shape, dtype=torch.float64).masked_fill(~mask, 0), mask


@pytest.mark.parametrize("rate", [0.0, 0.3, 1.0, "learnable"])
def test_untrained_layer_leaves_the_initial_weights(rate):
    table, mask = table_and_mask()
    assert torch.allclose(AdaptiveTM(2, rate).double()(table, table, mask), table)


@pytest.mark.parametrize("window", [1, 3])
def test_a_difference_starts_with_the_past_against_the_future(window):
    table, mask = table_and_mask(window)
    weights = AdaptiveTM(window, 0.0, start="difference").double()(table, table, mask)
    signs = torch.tensor([-1] * window + [0] + [1] * window + [0, 0], dtype=torch.float64)
    assert torch.allclose(weights, signs / window * mask)


def test_only_the_first_layer_of_a_stack_starts_as_a_difference():
    starts = [layer.start for layer in TMGCNStack(4, 4, num_layers=3, window=1, start="difference").adaptives]
    assert starts == ["difference", "identity", "identity"]
    with pytest.raises(ValueError, match="start must be one of"):
        AdaptiveTM(1, start="random")


def test_equation_10():
    table, mask = table_and_mask()
    previous = torch.rand_like(table).masked_fill(~mask, 0)
    layer = AdaptiveTM(2, 0.25).double()
    torch.nn.init.normal_(layer.fc.weight)
    torch.nn.init.normal_(layer.fc.bias)
    expected = (previous @ layer.fc.weight.t() + layer.fc.bias) * 0.75 + table * 0.25
    out = layer(previous, table, mask)
    assert torch.allclose(out[mask], expected[mask])
    assert (out[~mask] == 0).all()


def test_learnable_rate_learns():
    table, mask = table_and_mask()
    layer = AdaptiveTM(2, "learnable").double()
    layer(table * 2, table, mask).sum().backward()
    assert layer.forgetting_logit.grad != 0
    assert float(layer.forgetting_rate.detach()) == pytest.approx(0.5)


@pytest.mark.parametrize("rate", [-0.1, 1.1, "sometimes", None])
def test_impossible_rates_are_refused(rate):
    with pytest.raises(ValueError, match="forgetting_rate"):
        AdaptiveTM(2, rate)


@pytest.mark.parametrize("adaptive", [True, False])
def test_stack_agrees_over_slots_and_edges(adaptive):
    clips = ragged_clips(6, 2)
    stack = TMGCNStack(6, 8, num_layers=3, window=2, adaptive=adaptive, forgetting_rate=[0.1, 0.5, 0.9]).double()
    for layer in stack.adaptives or []:
        torch.nn.init.normal_(layer.fc.weight, std=0.5)
    x = clips.x.clone().requires_grad_()
    outs = [stack(x, graph, clips.pos, clips.global_index) for graph in (clips.slot_graph(), clips.edge_graph)]
    assert torch.allclose(*outs, atol=1e-10)
    gradients = [torch.autograd.grad(out.square().sum(), x)[0] for out in outs]
    assert torch.allclose(*gradients, atol=1e-8)

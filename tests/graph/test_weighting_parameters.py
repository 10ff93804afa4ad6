import pytest
import torch
from torch.autograd import gradcheck

from atm_gcn.graph import AdaptiveTM
from atm_gcn.graph.stack import TMGCNStack
from atm_gcn.graph.weighting_parameters import WeightingParameters
from tests.clips import ragged_clips


def test_learnt_values_start_as_given_and_stay_ordered():
    parameters = WeightingParameters(7.0, 0.25, 2.0, learnable=True).double()
    assert {name: pytest.approx(float(value)) for name, value in parameters().items()} == {
        "tau": 7.0,
        "lambda_local": 0.25,
        "lambda_global": 2.0,
    }
    assert parameters.extra_repr() == "tau=7, lambda_local=0.25, lambda_global=2, learnable=True"
    for value in (-9.0, 9.0):
        for parameter in parameters.parameters():
            torch.nn.init.constant_(parameter, value)
        tau, local, largest = parameters().values()
        assert tau > 0 and 0 < local < largest
    parameters.reset_parameters()
    assert float(parameters()["tau"]) == pytest.approx(7.0)


@pytest.mark.parametrize("values", [(float("inf"), 0.5, 1.0), (10.0, 0.0, 1.0)])
def test_values_that_cannot_be_learnt_are_refused(values):
    with pytest.raises(ValueError, match="learnable weights need a finite tau"):
        WeightingParameters(*values, learnable=True)
    assert list(WeightingParameters(*values)().values()) == list(values)


@pytest.mark.parametrize("learnable", [False, True])
def test_the_global_node_weighs_more(learnable):
    with pytest.raises(ValueError, match=r"lambda_local \(2.0\) must be smaller than lambda_global \(1.0\)"):
        TMGCNStack(6, 8, 2, 1, lambda_local=2.0, lambda_global=1.0, learnable_weighting=learnable, layer="gcnii")


@pytest.mark.parametrize(("rates", "layers"), [([0.1], 2), (0.5, 0)])
def test_there_is_a_forgetting_rate_for_each_layer(rates, layers):
    with pytest.raises(ValueError, match=rf"forgetting_rate has {layers and 1} values for {layers} layers"):
        TMGCNStack(6, 8, layers, 1, forgetting_rate=rates)


def test_fixed_values_are_those_of_the_layers():
    stack = TMGCNStack(6, 8, 2, 1, tau=3.0)
    assert [conv.weighting["tau"] for conv in stack.convs] == [3.0, 3.0]


@pytest.mark.parametrize("heads", [0, 3])
def test_heads_divide_the_channels(heads):
    with pytest.raises(ValueError, match="heads"):
        TMGCNStack(6, 8, 2, 1, heads=heads)
    assert TMGCNStack(6, 8, 2, 1, heads=heads, adaptive=False).heads == 1
    with pytest.raises(ValueError, match="heads must be positive, not 0"):
        AdaptiveTM(1, heads=0)


@pytest.mark.parametrize("backend", ["edges", "slots"])
def test_gradients_of_the_values_are_those_of_finite_differences(backend):
    clips = ragged_clips(3, 1, sizes=(1, 6, 4))
    graph = clips.edge_graph if backend == "edges" else clips.slot_graph()
    values = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (4.0, 0.5, 1.0)]
    assert gradcheck(lambda *given: graph.initial_weights(clips.x, clips.pos, clips.global_index, *given), values)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64], ids=str)
def test_a_stack_learns_them_in_every_type(dtype):
    clips = ragged_clips(6, 1, dtype=torch.float32)
    stack = TMGCNStack(6, 8, 2, 1, learnable_weighting=True, layer="residual")
    given = clips.pos, clips.global_index
    expected = stack(clips.x, clips.slot_graph(), *given)
    out = stack.to(dtype)(clips.x.to(dtype), clips.slot_graph(), *given)
    assert torch.allclose(out.float(), expected, atol=0.1)
    out.sum().backward()
    assert all(parameter.grad.isfinite() and parameter.grad != 0 for parameter in stack.weighting.parameters())
    assert list(TMGCNStack(6, 8, 2, 1).weighting.state_dict()) == []

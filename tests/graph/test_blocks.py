"""The sum over short clips by dense blocks: equal to the sum over slots, and chosen where it pays."""

import pytest
import torch

from atm_gcn import TMGCNConv
from atm_gcn.graph._backends import fastest
from atm_gcn.graph._backends.banded import banded
from atm_gcn.graph._backends.blocks import blocks, blocks_and_linear
from atm_gcn.graph._slots.blocks import LONGEST
from tests.clips import ragged_clips

SIZES = [(1,), (4, 4), (1, 4, 3), (9, 2, 60)]


def drawn(sizes, window=2, dtype=torch.float64):
    clips = ragged_clips(5, window, sizes=sizes, dtype=dtype)
    slots = clips.slot_graph("blocks").slots
    table = (torch.rand(slots.mask.shape, dtype=dtype) - 0.3).masked_fill(~slots.mask, 0)
    return clips, slots, table


@pytest.mark.parametrize("normalize", ["sym", "in", None])
@pytest.mark.parametrize("window", [0, 1, 3])
@pytest.mark.parametrize("sizes", SIZES)
def test_agrees_with_the_sum_over_slots_in_value_and_gradient(sizes, window, normalize):
    clips, slots, table = drawn(sizes, window)
    table[0] = 0  # a node whose out-degree vanishes but for what it sends to itself
    bias, linear = torch.randn(7, dtype=torch.float64), torch.randn(7, 5, dtype=torch.float64)
    leaves = [leaf.requires_grad_() for leaf in (clips.x, table, bias, linear)]
    ours = blocks_and_linear(clips.x, table, slots, normalize, bias, linear, None)
    theirs = banded(clips.x, table, slots, normalize) @ linear.t() + bias
    assert torch.allclose(ours, theirs, atol=1e-12)
    probe = torch.randn_like(ours)
    for got, expected in zip(*(torch.autograd.grad((o * probe).sum(), leaves) for o in (ours, theirs)), strict=True):
        if got.shape == table.shape:
            got, expected = got[slots.mask], expected[slots.mask]
        assert torch.allclose(got, expected, atol=1e-10)


@pytest.mark.parametrize("which", [[0], [1], [2], [3], [0, 3]])
def test_gradients_are_made_only_where_they_are_asked_for(which):
    clips, slots, table = drawn((4, 3))
    inputs = [clips.x, table, torch.randn(5, dtype=torch.float64), torch.randn(5, 5, dtype=torch.float64)]
    every = [value.clone().requires_grad_() for value in inputs]
    some = [value.clone().requires_grad_(number in which) for number, value in enumerate(inputs)]
    for x, weight, bias, linear in (every, some):
        blocks_and_linear(x, weight, slots, "sym", bias, linear, None).square().sum().backward()
    for number, (one, other) in enumerate(zip(every, some, strict=True)):
        assert other.grad is None if number not in which else torch.equal(one.grad, other.grad)


@pytest.mark.parametrize("sizes", SIZES)
def test_weights_of_edges_are_those_of_the_table(sizes):
    clips, _, _ = drawn(sizes)
    edge_index, edge_slot, _ = clips.topology
    conv = TMGCNConv(5, 5, backend="blocks").double()
    weight = torch.rand(len(edge_slot), dtype=torch.float64).requires_grad_()
    graph = clips.slot_graph("blocks")
    by_table = conv(clips.x, graph, clips.edge_graph.to_slots(weight))
    assert torch.equal(conv(clips.x, edge_index, weight, edge_slot=edge_slot), by_table)
    grads = [
        torch.autograd.grad(out.square().sum(), weight)[0]
        for out in (by_table, conv(clips.x, edge_index, weight, edge_slot=edge_slot))
    ]
    assert torch.allclose(*grads, atol=1e-12)


def test_weights_and_features_may_lie_in_memory_in_any_order():
    clips, slots, table = drawn((4, 3))
    expected = blocks(clips.x, table, slots, "sym")
    turned = [value.t().contiguous().t() for value in (clips.x, table)]
    assert not any(value.is_contiguous() for value in turned)
    assert torch.equal(blocks(*turned, slots, "sym"), expected)


@pytest.mark.parametrize(
    ("sizes", "backend"),
    [((15, 15, 15), "blocks"), ((LONGEST, 40), "blocks"), ((LONGEST + 1, 40), "csr"), ((LONGEST, 2, 3, 4), "csr")],
)
def test_auto_takes_blocks_for_short_clips_of_about_one_length(sizes, backend):
    slots = ragged_clips(3, 1, sizes=sizes).slot_graph().slots
    assert fastest(slots) == backend
    compiled = torch.compile(lambda: fastest(slots), backend="eager", fullgraph=True)
    assert compiled() == "banded"


def test_lin_is_called_where_something_waits_for_the_call():
    clips, calls = ragged_clips(5, 1, sizes=(4, 4)), []
    conv = TMGCNConv(5, 5).double()
    given = {"pos": clips.pos, "global_index": clips.global_index, "edge_slot": clips.topology.edge_slot}
    expected = conv(clips.x, clips.topology.edge_index, **given)
    handle = conv.lin.register_forward_hook(lambda *_: calls.append(1))
    assert torch.allclose(conv(clips.x, clips.topology.edge_index, **given), expected, atol=1e-12)
    assert calls == [1]
    handle.remove()
    conv.lin = torch.nn.Sequential(conv.lin, torch.nn.LayerNorm(5).double())
    conv.lin.in_channels = 5
    assert not torch.allclose(conv(clips.x, clips.topology.edge_index, **given), expected, atol=1e-3)


def test_mixed_and_half_precision():
    clips, slots, table = drawn((4, 3), dtype=torch.float32)
    expected = blocks(clips.x, table, slots, "sym")
    half = blocks(clips.x.bfloat16(), table.bfloat16(), slots, "sym")
    assert half.dtype == torch.bfloat16 and torch.allclose(half.float(), expected, atol=5e-2)
    conv = TMGCNConv(5, 5)
    with torch.autocast("cpu", torch.bfloat16):
        out = conv(clips.x, clips.slot_graph(), table)
    assert out.dtype == torch.bfloat16
    assert torch.allclose(out.float(), conv(clips.x, clips.slot_graph(), table), atol=5e-2)


def test_needs_a_graph_that_was_made_for_it():
    clips, slots, table = drawn((4, 3))
    with pytest.raises(ValueError, match='"blocks" needs a graph that was made for it'):
        blocks(clips.x, table, slots._replace(blocks=None))

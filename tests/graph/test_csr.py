import pytest
import torch

from atm_gcn import TMGCNConv
from atm_gcn.graph import SlotGraph, _backends
from atm_gcn.graph._backends.banded import banded
from atm_gcn.graph._backends.csr import csr
from atm_gcn.graph._slots.segments import CHUNK
from tests.clips import ragged_clips

SIZES = [(1,), (1, 2), (1, 4, 3), (CHUNK + 3, 1, 2)]


def drawn(sizes, window, dtype=torch.float64):
    clips = ragged_clips(5, window, sizes=sizes, dtype=dtype)
    slots = clips.slot_graph("csr").slots
    table = (torch.rand(slots.mask.shape, dtype=dtype) - 0.3).masked_fill(~slots.mask, 0)
    return clips, slots, table


@pytest.mark.parametrize("window", [0, 1, 4])
@pytest.mark.parametrize("sizes", SIZES)
def test_the_pattern_holds_every_cell_once_and_where_it_belongs(sizes, window):
    clips, slots, table = drawn(sizes, window)
    row, column, cell, entry, *_ = slots.pattern
    num_nodes = len(table)
    assert (row.diff() > 0).all() and row[-1] == table.numel()
    for order in cell:
        assert torch.equal(order.sort().values, torch.arange(table.numel(), dtype=torch.int32))
    assert torch.equal(cell[0][entry.long()], torch.arange(table.numel(), dtype=torch.int32))
    exists = slots.mask.t().reshape(-1)
    edge_index, edge_slot, _ = clips.topology
    home = torch.where(edge_slot == 2 * window + 2, edge_index[1], edge_index[0])
    named = torch.full((table.numel(), 2), -1)
    named[edge_slot * num_nodes + home] = edge_index.flip(0).t()  # destination, source
    rows = torch.repeat_interleave(torch.arange(num_nodes), row.diff())
    for this, other, order in ((0, 1, cell[0]), (1, 0, cell[1])):
        kept = exists[order.long()]
        pairs = named[order.long()][kept]
        assert torch.equal(rows[kept], pairs[:, this])
        assert torch.equal(column[kept].long(), pairs[:, other])


@pytest.mark.parametrize("normalize", ["sym", "in", None])
@pytest.mark.parametrize("sizes", SIZES)
def test_agrees_with_the_sum_over_slots_in_value_and_gradient(sizes, normalize):
    clips, slots, table = drawn(sizes, 2)
    table[0] = 0  # a node whose out-degree vanishes but for what it sends to itself
    leaves = [clips.x.requires_grad_(), table.requires_grad_(), torch.randn(5, dtype=torch.float64).requires_grad_()]
    x, _, bias = leaves
    ours = csr(x, table, slots, normalize, bias)
    theirs = banded(x, table, slots, normalize, bias)
    assert torch.allclose(ours, theirs, atol=1e-12)
    probe = torch.randn_like(ours)
    for got, expected in zip(*(torch.autograd.grad((o * probe).sum(), leaves) for o in (ours, theirs)), strict=True):
        if got.shape == table.shape:
            got, expected = got[slots.mask], expected[slots.mask]
        assert torch.allclose(got, expected, atol=1e-10)


@torch._dynamo.config.patch(error_on_recompile=True)
def test_compiles_as_one_call():
    def layer(x, table, slots):
        return csr(x, table, slots, "sym")

    compiled = torch.compile(layer, backend="aot_eager", fullgraph=True, dynamic=True)
    for sizes in [(3, 5, 9), (2, 40), (300, 41)]:
        clips, slots, table = drawn(sizes, 2)
        leaves = [clips.x.requires_grad_(), table.requires_grad_()]
        outs = [run(*leaves, slots) for run in (compiled, layer)]
        assert torch.allclose(*outs)
        for pair in zip(*(torch.autograd.grad(out.square().sum(), leaves) for out in outs), strict=True):
            assert torch.allclose(*pair)


def test_auto_picks_it_for_long_clips_and_names_what_it_needs(monkeypatch):
    clips, slots, table = drawn((60, 5), 1, torch.float32)
    conv, calls = TMGCNConv(5, 5), []
    monkeypatch.setitem(_backends.SLOT_SUMS, "csr", lambda *given: calls.append(given) or given[0])
    conv(clips.x, clips.slot_graph(), table)
    conv(clips.x, clips.slot_graph("banded"), table)
    conv(clips.x, SlotGraph(slots._replace(pattern=None)), table)
    assert len(calls) == 1
    monkeypatch.undo()
    with pytest.raises(ValueError, match='"csr" needs a CPU'):
        conv(clips.x, SlotGraph(slots._replace(pattern=None), "csr"), table)

"""Edge weights of several heads, each over its own group of channels."""

import copy

import pytest
import torch
from torch_geometric.explain import AttentionExplainer, Explainer, GNNExplainer
from torch_geometric.nn import MessagePassing

from atm_gcn import ATMGCN, ATMGCNError, ModelConfig
from atm_gcn.graph import AdaptiveTM, DenseTMGCNConv, SlotGraph, TMGCNConv
from atm_gcn.graph._slots.segments import CHUNK
from atm_gcn.graph._slots.table import repeat_slots
from atm_gcn.graph.stack import TMGCNStack
from tests.clips import SIZES, frame_batch, ragged_clips
from tests.graph.padding import pad, unpad

HEADS = 3
BACKENDS = ["edges", "banded", "csr", "blocks", pytest.param("scatter", marks=pytest.mark.scatter)]


def weighted_clips(sizes=SIZES, window=2):
    clips = ragged_clips(5, window, sizes=sizes)
    weight = torch.randn(clips.topology.edge_slot.numel(), HEADS, dtype=torch.float64)
    return clips, weight.requires_grad_()


def graph_of(clips, backend):
    return clips.edge_graph._replace(backend=backend) if backend in ("edges", "scatter") else clips.slot_graph(backend)


def head_by_head(conv, clips, weight):
    """The reference: one sum of messages per head, on the channels of that head alone."""
    groups = conv.lin(clips.x).chunk(HEADS, dim=1)
    single = zip(groups, weight.unbind(1), strict=True)
    sums = [clips.edge_graph.weighted_sum(x, one, conv.normalize, None, conv._send) for x, one in single]
    return torch.cat(sums, dim=1) + conv.bias


@pytest.mark.parametrize("normalize", ["sym", "in", None])
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("sizes", [SIZES, (CHUNK + 3, 1, 2)])
def test_every_backend_weighs_each_group_of_channels_by_its_head(backend, normalize, sizes):
    clips, weight = weighted_clips(sizes)
    conv, graph = TMGCNConv(5, 6, normalize).double(), graph_of(clips, backend)
    torch.nn.init.normal_(conv.bias)
    leaves = [weight, *conv.parameters()]
    outs = [
        conv(clips.x, graph, graph.from_slots(clips.edge_graph.to_slots(weight))),
        head_by_head(conv, clips, weight),
    ]
    assert torch.allclose(*outs, atol=1e-10)
    probe = torch.randn_like(outs[0])
    for ours, theirs in zip(*(torch.autograd.grad((out * probe).sum(), leaves) for out in outs), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-9)
    given = {"edge_weight": weight, "edge_slot": clips.topology.edge_slot}
    conv.backend = backend
    assert torch.allclose(conv(clips.x, clips.topology.edge_index, **given), outs[1], atol=1e-10)


def test_the_dense_twin_agrees():
    clips, weight = weighted_clips()
    conv, dense = TMGCNConv(5, 6).double(), DenseTMGCNConv(5, 6).double()
    dense.load_state_dict(conv.state_dict())
    x, mask = pad(clips.x, clips.num_nodes)
    clip = torch.repeat_interleave(clips.num_nodes)
    first = clips.num_nodes.cumsum(0) - clips.num_nodes
    source, destination = clips.topology.edge_index
    place = clip[source], source - first[clip[source]], destination - first[clip[source]]
    adj = x.new_zeros(*x.shape[:2], x.size(1), HEADS).index_put(place, weight)
    assert torch.allclose(unpad(dense(x, adj, mask), mask), head_by_head(conv, clips, weight), atol=1e-10)


@pytest.mark.parametrize("window", [0, 1, 3])
@pytest.mark.parametrize("sizes", [(1,), (1, 4, 3), (CHUNK + 3, 1)])
def test_repeated_slots_are_those_of_the_repeated_clips(sizes, window):
    clips, again = (ragged_clips(2, window, sizes=given) for given in (sizes, sizes * HEADS))
    ours = repeat_slots(clips.slot_graph("csr").slots, HEADS)
    turns = torch.arange(HEADS)[:, None] * len(clips.x)
    theirs = again._replace(global_index=(clips.global_index + turns).flatten()).slot_graph("csr").slots
    for got, expected in zip((*ours.pattern, *ours[:2]), (*theirs.pattern, *theirs[:2]), strict=True):
        assert torch.equal(got, expected)


def test_heads_of_adaptive_tm_are_layers_of_one_head():
    clips = ragged_clips(4, 2)
    mask = clips.edge_graph.slot_mask()
    table = torch.rand(*mask.shape, HEADS, dtype=torch.float64)
    layer = AdaptiveTM(2, 0.3, heads=HEADS).double()
    torch.nn.init.normal_(layer.fc.weight)
    torch.nn.init.normal_(layer.fc.bias)
    outs, shared = layer(table, table[..., 0], mask), layer(table[..., 0], table[..., 0], mask)
    for head in range(HEADS):
        alone = AdaptiveTM(2, 0.3).double()
        alone.load_state_dict({name: part.chunk(HEADS)[head] for name, part in layer.state_dict().items()})
        assert torch.allclose(outs[..., head], alone(table[..., head], table[..., 0], mask), atol=1e-12)
        assert torch.allclose(shared[..., head], alone(table[..., 0], table[..., 0], mask), atol=1e-12)


def test_mixed_heads_start_as_the_papers_weights_and_as_differences():
    clips = ragged_clips(4, 2)
    mask = clips.edge_graph.slot_mask()
    table = torch.rand(mask.shape, dtype=torch.float64).masked_fill(~mask, 0)
    weights = AdaptiveTM(2, 0.0, start="mixed", heads=6).double()(table, table, mask)
    starts = [(-1, 1), (0, 1), (1, 0), (-1, 1), (0, 1)]  # backward, forward; the rest is 0
    assert torch.equal(weights[..., 0], table)
    for head, (backward, forward) in enumerate(starts, 1):
        expected = torch.tensor([backward] * 2 + [0] + [forward] * 2 + [0, 0], dtype=torch.float64) / 2
        assert torch.equal(weights[..., head], expected * mask)
    alone = AdaptiveTM(2, start="mixed").double()
    assert torch.equal(alone.fc.weight, torch.eye(7, dtype=torch.float64)) and not alone.fc.bias.any()


@pytest.mark.parametrize("layer", ["plain", "residual", "gcnii"])
def test_a_stack_agrees_over_slots_and_edges(layer):
    clips = ragged_clips(6, 2)
    stack = TMGCNStack(6, 8, num_layers=3, window=2, start="mixed", heads=4, layer=layer).double()
    for adaptive in stack.adaptives:
        torch.nn.init.normal_(adaptive.fc.weight, std=0.5)
    given = clips.pos, clips.global_index
    graphs = [clips.edge_graph, clips.slot_graph("csr"), clips.slot_graph("banded")]
    outs = [stack(clips.x, graph, *given) for graph in graphs]
    gradients = [torch.autograd.grad(out.square().sum(), list(stack.parameters())) for out in outs]
    for out, gradient in zip(outs[1:], gradients[1:], strict=True):
        assert torch.allclose(out, outs[0], atol=1e-9)
        assert all(torch.allclose(*pair, atol=1e-7) for pair in zip(gradient, gradients[0], strict=True))
    edges, slots = (stack.layer_weights(clips.x, graph, *given) for graph in graphs[:2])
    assert {tuple(weight.shape) for weight in edges} == {(clips.topology.edge_slot.numel(), 4)}
    for by_edge, by_slot in zip(edges, slots, strict=True):
        assert torch.allclose(clips.edge_graph.to_slots(by_edge), by_slot, atol=1e-10)


def test_without_adaptive_tm_one_matrix_serves_all_heads():
    settings = {"num_classes": 3, "input": "features", "motion_channels": 8, "hidden_channels": 8, "num_layers": 2}
    torch.manual_seed(0)
    model = ATMGCN(ModelConfig(**settings, adaptive=False, adaptive_heads=4, adaptive_start="mixed"))
    torch.manual_seed(0)
    single, batch = ATMGCN(ModelConfig(**settings, adaptive=False)), frame_batch()
    batch.x = torch.randn(batch.num_nodes, 8)
    assert torch.equal(model(batch), single(batch))
    assert {weight.dim() for weight in model.explain(batch).edge_weight} == {1}


class FirstGraph(torch.nn.Module):
    def __init__(self, stack):
        super().__init__()
        self.stack = stack

    def forward(self, x, *clips):
        *sizes, global_index, pos = clips
        return self.stack(
            x, SlotGraph.of_clips(*sizes, global_index, self.stack.adaptives[0].window), pos, global_index
        )


@pytest.mark.slow
@torch.no_grad()
@torch._dynamo.config.patch(error_on_recompile=True)
def test_compiles_as_one_graph():
    stack = FirstGraph(TMGCNStack(8, 8, 1, 1, start="mixed", heads=4, layer="gcnii", learnable_weighting=True))
    compiled = torch.compile(stack, backend="eager", fullgraph=True, dynamic=True)
    for sizes in [(3, 5, 9), (2, 40, 7, 3)]:
        clips = ragged_clips(8, 1, sizes=sizes, dtype=torch.float32)
        first = clips.num_nodes.cumsum(0) - clips.num_nodes
        given = torch.repeat_interleave(clips.num_nodes), clips.num_nodes, first, clips.global_index, clips.pos
        assert torch.allclose(compiled(clips.x, *given), stack(clips.x, *given), atol=1e-5)


@pytest.mark.parametrize("algorithm", [AttentionExplainer(), GNNExplainer(epochs=2)], ids=lambda a: type(a).__name__)
@pytest.mark.parametrize("layer", ["plain", "gcnii"])
def test_pygs_explainers_read_a_model_of_several_heads(algorithm, layer):
    sizes = {"num_classes": 3, "motion_channels": 8, "hidden_channels": 8, "num_layers": 2, "window": 1}
    settings = {"input": "features", "adaptive_heads": 4, "adaptive_start": "mixed", "pooling": "mean-apex"}
    model = ATMGCN(ModelConfig(**sizes, **settings, layer=layer)).on_edges().eval()
    assert sum(isinstance(part, MessagePassing) for part in model.modules()) == 2
    clips = ragged_clips(8, 1, sizes=(6,), dtype=torch.float32)
    options = {"mode": "multiclass_classification", "task_level": "graph", "return_type": "raw"}
    explainer = Explainer(model, copy.deepcopy(algorithm), "model", options, edge_mask_type="object")
    given = {"edge_slot": clips.topology.edge_slot, "pos": clips.pos, "global_index": clips.global_index}
    mask = explainer(clips.x, clips.topology.edge_index, **given).edge_mask
    assert mask.shape == (clips.topology.edge_slot.numel(),) and mask.max() > mask.min() >= 0


def test_weights_of_heads_that_do_not_divide_the_channels_are_refused():
    clips, weight = weighted_clips()
    conv = TMGCNConv(5, 4).double()
    for graph in (clips.edge_graph, clips.slot_graph()):
        given = graph.from_slots(clips.edge_graph.to_slots(weight))
        with pytest.raises(ATMGCNError, match="edge_weight has 3 heads, which must divide the 4 channels"):
            conv(clips.x, graph, given)
    with pytest.raises(ValueError, match=r"heads \(3\) must divide hidden_channels \(8\)"):
        TMGCNStack(6, 8, 2, 1, heads=3)

import pytest
import torch
from torch import nn
from torch._dynamo.testing import CompileCounterWithBackend
from torch.export import Dim, export

from atm_gcn.graph import SlotGraph
from atm_gcn.graph._slots import segments
from atm_gcn.graph.stack import TMGCNStack
from tests.clips import ragged_clips

WINDOW = 1


class Graph(nn.Module):
    """The whole graph stack, from motion features to mixed ones."""

    def __init__(self, num_layers: int = 1) -> None:  # of as many as a test needs: each takes seconds to trace
        super().__init__()
        self.stack = TMGCNStack(8, 8, num_layers=num_layers, window=WINDOW)

    def forward(self, x, clip, num_nodes, first_node, global_index, pos):
        graph = SlotGraph.of_clips(clip, num_nodes, first_node, global_index, WINDOW)
        return self.stack(x, graph, pos, global_index)


def inputs(sizes):
    clips = ragged_clips(8, WINDOW, sizes=sizes, dtype=torch.float32)
    first_node = clips.num_nodes.cumsum(0) - clips.num_nodes
    return clips.x, torch.repeat_interleave(clips.num_nodes), clips.num_nodes, first_node, clips.global_index, clips.pos


@pytest.mark.slow
@torch._dynamo.config.patch(error_on_recompile=True)
def test_one_graph_serves_every_batch():
    graph = Graph()
    compiled = torch.compile(graph, backend="aot_eager", fullgraph=True, dynamic=True)
    for sizes in [(3, 5, 9), (2, 7, 7, 20), (300, 41, 2), (1, 2), (600, 700, 9)]:
        x, *rest = inputs(sizes)
        both = [x.clone().requires_grad_() for _ in range(2)]
        outs = [f(leaf, *rest) for f, leaf in zip((compiled, graph), both, strict=True)]
        assert torch.allclose(*outs, atol=1e-5)
        gradients = [torch.autograd.grad(out.sum(), leaf)[0] for out, leaf in zip(outs, both, strict=True)]
        assert torch.allclose(*gradients, atol=1e-5)


@torch.no_grad()
def test_few_and_many_nodes_take_a_graph_each(monkeypatch):
    monkeypatch.setattr(segments, "FEW_NODES", 100)
    graph, counter = Graph(), CompileCounterWithBackend("eager")
    compiled = torch.compile(graph, backend=counter, fullgraph=True, dynamic=True)
    for sizes in [(3, 5, 9), (300, 41, 2), (2, 7), (90, 41), (4, 4, 4)]:
        assert torch.allclose(compiled(*inputs(sizes)), graph(*inputs(sizes)), atol=1e-5)
    assert counter.frame_count == 2


def test_export_with_dynamic_sizes():
    graph = Graph(num_layers=2).eval()
    nodes, clips = Dim("nodes", min=2, max=10**7), Dim("clips", min=2, max=10**6)
    sizes = ({0: nodes}, {0: nodes}, {0: clips}, {0: clips}, {0: clips}, {0: nodes})
    exported = export(graph, inputs((3, 5, 9)), dynamic_shapes=sizes).module()
    for other in [(300, 41, 2, 9), (1, 1)]:
        assert torch.allclose(exported(*inputs(other)), graph(*inputs(other)), atol=1e-6)

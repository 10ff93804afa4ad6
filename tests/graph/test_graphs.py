"""One contract for every graph: what a layer or a model computes does not depend on which it is given."""

import gc

import pytest
import torch
from torch_geometric.data import Batch, Data

from atm_gcn import ATMGCN, ATMGCNError, ModelConfig, TMGCNConv
from atm_gcn.defaults import BACKENDS
from atm_gcn.graph import EdgeGraph, SlotGraph, build_topology, slot_graph
from tests.clips import frame_batch, ragged_clips

WEIGHTING = (10.0, 0.5, 1.0)
RUNNING = [backend for backend in BACKENDS if backend != "scatter"]
SMALL = {"num_classes": 3, "motion_channels": 8, "hidden_channels": 8, "num_layers": 2, "num_blocks": 1}
SMALL |= {"stem_channels": (8, 8), "block_channels": (8, 8, 8, 8), "grid": 2}


@pytest.mark.parametrize("backend", RUNNING)
@pytest.mark.parametrize("window", [1, 2])
def test_clips_without_a_global_node(backend, window):
    torch.manual_seed(0)
    model = ATMGCN(ModelConfig(**SMALL, backend=backend, window=window)).eval()
    reference = ATMGCN(ModelConfig(**SMALL, backend="edges", window=window)).eval()
    reference.load_state_dict(model.state_dict())
    none = torch.empty(0, dtype=torch.int64)
    clips = [Data(x=torch.randn(n, 8), pos=torch.arange(2, n + 2), global_index=none, num_nodes=n) for n in (3, 1, 6)]
    batch = Batch.from_data_list(clips)
    edges = model.edge_graph_of(batch).edge_index
    assert (edges[0] - edges[1]).abs().max() == min(window, 5)
    assert torch.allclose(model(batch), reference(batch), atol=1e-5)
    single = torch.cat([model(clip) for clip in clips])
    assert torch.allclose(single, model(batch), atol=1e-5)
    graph = model.edge_graph_of(batch)
    on_edges = model.on_edges()(batch.x, graph.edge_index, graph.edge_slot, batch.pos, none, batch.batch)
    assert torch.allclose(on_edges, reference(batch), atol=1e-5)
    initial = graph.initial_weights(batch.x, batch.pos, none, *WEIGHTING)
    assert (initial[edges[0] == edges[1]] == 0.5).all()
    assert [one.global_index.numel() for one in model.explain(batch).split()] == [0, 0, 0]


def test_both_graphs_have_equal_weights_slots_and_sums():
    clips = ragged_clips(5, 2)
    conv, graphs = TMGCNConv(5, 4).double(), (clips.edge_graph, clips.slot_graph())
    edges, slots = graphs
    initial = [graph.initial_weights(clips.x, clips.pos, clips.global_index, *WEIGHTING) for graph in graphs]
    rows = [graph.to_slots(weight) for graph, weight in zip(graphs, initial, strict=True)]
    assert torch.equal(edges.slot_mask(), slots.slot_mask())
    assert torch.allclose(*rows, atol=1e-12)
    sums = [conv(clips.x, graph, graph.from_slots(rows[0])) for graph in graphs]
    assert torch.allclose(*sums, atol=1e-12)


@pytest.mark.parametrize("backend", RUNNING)
@pytest.mark.parametrize("adaptive", [True, False])
def test_a_model_of_every_backend_takes_batches_with_and_without_edges(backend, adaptive):
    torch.manual_seed(0)
    reference = ATMGCN(ModelConfig(**SMALL, adaptive=adaptive)).eval()
    model = ATMGCN(ModelConfig(**SMALL, adaptive=adaptive, backend=backend)).eval()
    model.load_state_dict(reference.state_dict())
    batch = frame_batch()
    expected = reference(batch)
    assert torch.allclose(model(batch), expected, atol=1e-5)
    graph = model.edge_graph_of(batch)
    batch.edge_index, batch.edge_slot = graph.edge_index, graph.edge_slot
    assert torch.allclose(model(batch), expected, atol=1e-5)


@pytest.mark.parametrize("backend", RUNNING)
def test_edges_of_a_batch_mean_the_same_to_every_backend(backend):
    torch.manual_seed(0)
    model = ATMGCN(ModelConfig(**SMALL, backend=backend)).eval()
    reference = ATMGCN(ModelConfig(**SMALL, backend="edges")).eval()
    reference.load_state_dict(model.state_dict())
    batch = frame_batch()
    expected, graph = model(batch), model.edge_graph_of(batch)
    kept = (graph.edge_index[0] != 4) | (graph.edge_index[1] == 4)
    batch.edge_index, batch.edge_slot = graph.edge_index[:, kept], graph.edge_slot[kept]
    assert torch.allclose(model(batch), reference(batch), atol=1e-5)
    assert not torch.allclose(model(batch), expected, atol=1e-5)
    assert torch.equal(model.explain(batch).edge_index, batch.edge_index)
    first = batch.ptr[:-1]
    other = build_topology(batch.ptr.diff(), batch.global_index - first, window=1)
    batch.edge_index, batch.edge_slot = other.edge_index, other.edge_slot  # of another window than the model's
    assert torch.allclose(model(batch), expected, atol=1e-5)
    assert torch.equal(model.explain(batch).edge_index, graph.edge_index)


def test_a_layer_that_does_not_sum_sends_messages():
    clips = ragged_clips(5, 1, dtype=torch.float32)
    given = {"pos": clips.pos, "global_index": clips.global_index, "edge_slot": clips.topology.edge_slot}
    conv = TMGCNConv(5, 5, aggr="max")
    by_messages = TMGCNConv(5, 5, aggr="max", backend="edges")
    by_messages.load_state_dict(conv.state_dict())
    assert torch.equal(*(layer(clips.x, clips.topology.edge_index, **given) for layer in (conv, by_messages)))
    with pytest.raises(ValueError, match='backend "csr" only sums'):
        TMGCNConv(5, 5, aggr="max", backend="csr")


def test_slots_of_an_edge_list_are_built_once(monkeypatch):
    clips, built = ragged_clips(5, 1, dtype=torch.float32), []
    (edge_index, edge_slot, _), conv = clips.topology, TMGCNConv(5, 5)
    build = slot_graph.slots_of_edges
    monkeypatch.setattr(slot_graph, "slots_of_edges", lambda *given: built.append(given) or build(*given))
    given = {"pos": clips.pos, "global_index": clips.global_index}

    first = conv(clips.x, edge_index, **given, edge_slot=edge_slot)
    assert torch.equal(conv(clips.x, edge_index, **given, edge_slot=edge_slot), first) and len(built) == 1
    edge_slot[0] += 0  # changed in place: what was built may no longer hold
    assert torch.equal(conv(clips.x, edge_index, **given, edge_slot=edge_slot), first) and len(built) == 2
    with torch.inference_mode():
        copy = edge_slot.clone()
        for _ in range(2):
            conv(clips.x, edge_index, **given, edge_slot=copy)
    assert len(built) == 4, "an inference tensor has no version, so nothing of it is kept"


def test_slots_are_those_of_the_edges_at_hand():
    clips = ragged_clips(5, 1, sizes=(4, 4))
    (edge_index, edge_slot, _), conv = clips.topology, TMGCNConv(5, 5).double()
    given = {"pos": clips.pos, "global_index": clips.global_index, "edge_slot": edge_slot}
    expected = conv(clips.x, edge_index, **given)
    in_first = edge_index[1] < 4
    kept_slot = edge_slot[in_first]
    first = conv(
        clips.x[:4],
        edge_index[:, in_first],
        pos=clips.pos[:4],
        global_index=clips.global_index[:1],
        edge_slot=kept_slot,
    )
    assert torch.allclose(first, expected[:4])
    flipped = torch.cat([edge_index[:, ~in_first], edge_index[:, in_first]], dim=1)
    edge_slot.copy_(torch.cat([edge_slot[~in_first], edge_slot[in_first]]))
    assert torch.allclose(conv(clips.x, flipped, **given), expected)


def test_slots_live_no_longer_than_their_edge_list():
    clips = ragged_clips(5, 1)
    edge_index, edge_slot = clips.topology.edge_index.clone(), clips.topology.edge_slot.clone()
    gc.collect()
    before = len(slot_graph._KNOWN)
    SlotGraph.of_edges(edge_index, edge_slot, len(clips.x))
    assert len(slot_graph._KNOWN) == before + 1
    del edge_slot
    gc.collect()
    assert len(slot_graph._KNOWN) == before


def test_weights_of_another_layout_are_refused():
    clips, conv = ragged_clips(5, 1), TMGCNConv(5, 5).double()
    with pytest.raises(ATMGCNError, match=r"edge_weight of a SlotGraph must be \[77, 5\], one per slot, not \[3\]"):
        conv(clips.x, clips.slot_graph(), torch.rand(3))
    with pytest.raises(ATMGCNError, match="edge_weight must hold one value for each of"):
        conv(clips.x, clips.edge_graph, torch.rand(3))
    with pytest.raises(ATMGCNError, match="x must have a row for each of the graph's 77 nodes, not 5"):
        conv(clips.x[:5], clips.slot_graph(), pos=clips.pos[:5], global_index=clips.global_index)
    with pytest.raises(ATMGCNError, match="must be a tensor, a sparse matrix or a graph, not Topology"):
        conv(clips.x, clips.topology, pos=clips.pos, global_index=clips.global_index)
    with pytest.raises(ValueError, match="backend of a SlotGraph must be auto, banded, csr or blocks, not 'magic'"):
        conv(clips.x, clips.slot_graph("magic"), pos=clips.pos, global_index=clips.global_index)
    graph = EdgeGraph(clips.topology.edge_index, len(clips.x))
    with pytest.raises(ATMGCNError, match="Adaptive-TM needs edge_slot"):
        graph.slot_mask()


@pytest.mark.parametrize("backend", RUNNING)
def test_a_lazy_layer_learns_its_size_from_the_first_batch(backend):
    clips = ragged_clips(6, 1, dtype=torch.float32)
    given = {"pos": clips.pos, "global_index": clips.global_index, "edge_slot": clips.topology.edge_slot}
    lazy = TMGCNConv(-1, 8, backend=backend)
    assert lazy(clips.x, clips.topology.edge_index, **given).shape == (len(clips.x), 8)
    known = TMGCNConv(6, 8, backend=backend)
    known.load_state_dict(lazy.state_dict())
    assert torch.equal(*(conv(clips.x, clips.topology.edge_index, **given) for conv in (lazy, known)))
    later = TMGCNConv(-1, 8, backend=backend)
    later.load_state_dict(known.state_dict())
    assert torch.equal(*(conv(clips.x, clips.topology.edge_index, **given) for conv in (later, known)))


def test_a_graph_of_another_kind_needs_only_the_contract():
    clips, conv = ragged_clips(5, 1), TMGCNConv(5, 5).double()

    class Wrapped:
        def __init__(self, graph):
            self.graph = graph

        def __getattr__(self, name):
            return getattr(self.graph, name)

    given = {"pos": clips.pos, "global_index": clips.global_index}
    outs = [conv(clips.x, graph, **given) for graph in (clips.slot_graph(), Wrapped(clips.slot_graph()))]
    assert torch.equal(*outs)

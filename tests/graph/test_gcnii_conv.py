import math

import pytest
import torch
from torch_geometric.nn import GCN2Conv

from atm_gcn.errors import BatchError
from atm_gcn.graph import GCNIIConv
from atm_gcn.graph.stack import TMGCNStack
from tests.clips import ragged_clips


@pytest.mark.parametrize("layer", [1, 4])
def test_is_pygs_layer_on_given_weights(layer):
    clips = ragged_clips(6, 2)
    initial, weight = torch.randn_like(clips.x), torch.randn(clips.topology.edge_slot.numel(), dtype=torch.float64)
    alpha, theta = 0.1, 0.5
    pyg = GCN2Conv(6, alpha, theta, layer, shared_weights=False, normalize=False).double()
    conv = GCNIIConv(6, layer, alpha, theta, normalize=None).double()
    # PyG scales features, the paper's group does not
    scaled = torch.cat([(1 - alpha) * pyg.weight1, alpha * pyg.weight2])
    conv.lin.weight.data = scaled.t().clone()
    expected = pyg(clips.x, initial, clips.topology.edge_index, weight)
    assert torch.allclose(conv(clips.x, initial, clips.topology.edge_index, weight), expected, atol=1e-12)
    table = clips.edge_graph.to_slots(weight)
    for backend in ("csr", "banded"):
        assert torch.allclose(conv(clips.x, initial, clips.slot_graph(backend), table), expected, atol=1e-12)


def test_a_sparse_matrix_gives_the_edges_and_not_the_weights():
    clips = ragged_clips(6, 1)
    edge_index, count = clips.topology.edge_index, clips.x.size(0)
    conv, weight = GCNIIConv(6, 1).double(), torch.rand(edge_index.size(1), dtype=torch.float64)
    transposed = torch.sparse_coo_tensor(edge_index.flip(0), torch.ones_like(weight), (count, count)).coalesce()
    order = torch.argsort(edge_index[1] * count + edge_index[0])
    expected = conv(clips.x, clips.x, edge_index, weight)
    assert torch.allclose(conv(clips.x, clips.x, transposed, weight[order]), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("changed", "message"), [({"normalize": "foo"}, "normalize must be"), ({"layer": 0}, "from 1")]
)
def test_arguments_out_of_range_are_named(changed, message):
    with pytest.raises(ValueError, match=message):
        GCNIIConv(**{"channels": 6, "layer": 1} | changed)


@pytest.mark.parametrize("name", ["x", "initial"])
def test_features_of_another_width_are_named(name):
    clips = ragged_clips(6, 1)
    given = {"x": clips.x, "initial": clips.x, "edge_index": clips.topology.edge_index}
    given["edge_weight"] = torch.ones(clips.topology.edge_index.size(1), dtype=torch.float64)
    with pytest.raises(BatchError, match=f"^{name} "):
        GCNIIConv(6, 1).double()(**given | {name: clips.x[:, :4]})


def test_a_stack_projects_once_and_gives_every_layer_the_projection():
    clips = ragged_clips(6, 1)
    stack = TMGCNStack(6, 8, num_layers=2, window=1, layer="gcnii", adaptive=False).double()
    given = clips.edge_graph, clips.pos, clips.global_index
    weight = stack.layer_weights(clips.x, *given)[0]
    h = initial = stack.projection(clips.x).relu()
    for number, conv in enumerate(stack.convs, 1):
        s = clips.edge_graph.weighted_sum(h, weight, "sym", None, conv._send)
        theta = math.log(0.5 / number + 1)
        mapped = torch.cat([s, initial], dim=1) @ conv.lin.weight.t()
        h = (theta * mapped + (1 - theta) * (0.9 * s + 0.1 * initial)).relu()
    assert torch.allclose(stack(clips.x, *given), h, atol=1e-12)


def test_a_residual_stack_adds_to_its_normalised_input():
    clips = ragged_clips(6, 1)
    stack = TMGCNStack(6, 8, num_layers=2, window=1, layer="residual").double()
    given = clips.edge_graph, clips.pos, clips.global_index
    h = stack.projection(clips.x)
    for conv, weight in zip(stack.convs, stack.layer_weights(clips.x, *given), strict=True):
        normed = torch.nn.functional.layer_norm(h, (8,))
        h = h + conv(normed, clips.edge_graph, weight).relu()
    assert torch.allclose(stack(clips.x, *given), h, atol=1e-12)
    with pytest.raises(ValueError, match="layer must be one of"):
        TMGCNStack(6, 8, 2, 1, layer="dense")

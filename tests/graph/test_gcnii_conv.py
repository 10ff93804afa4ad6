import math

import pytest
import torch
from torch_geometric.nn import GCN2Conv

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
    scaled = torch.cat(
        [(1 - alpha) * pyg.weight1, alpha * pyg.weight2]
    )  # PyG scales features, the paper's group does not
    conv.lin.weight.data = scaled.t().clone()
    expected = pyg(clips.x, initial, clips.topology.edge_index, weight)
    assert torch.allclose(conv(clips.x, initial, clips.topology.edge_index, weight), expected, atol=1e-12)
    table = clips.edge_graph.to_slots(weight)
    for backend in ("csr", "banded"):
        assert torch.allclose(conv(clips.x, initial, clips.slot_graph(backend), table), expected, atol=1e-12)


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

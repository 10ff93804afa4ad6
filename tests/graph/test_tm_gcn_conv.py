import copy

import pytest
import torch
from torch_geometric.testing import assert_module

from atm_gcn.graph import DenseTMGCNConv, TMGCNConv, build_topology, dense_temporal_motion_weight
from tests.clips import ragged_clips
from tests.graph.padding import pad, unpad

NORMALIZATIONS = ["sym", "in", None]


def twins(normalize, channels=6, out_channels=5):
    edges = TMGCNConv(channels, out_channels, normalize=normalize, backend="edges").double()
    torch.nn.init.normal_(edges.bias)
    banded, csr = copy.deepcopy(edges), copy.deepcopy(edges)
    banded.backend, csr.backend = "banded", "csr"
    dense = DenseTMGCNConv(channels, out_channels, normalize=normalize).double()
    dense.load_state_dict(edges.state_dict())
    return edges, banded, csr, dense


@pytest.mark.parametrize("normalize", NORMALIZATIONS)
@pytest.mark.parametrize("window", [0, 1, 2, 8])
def test_all_ways_agree_in_value_and_gradient(window, normalize):
    clips = ragged_clips(6, window)
    *sparse, dense = twins(normalize)
    edge_index, edge_slot, _ = clips.topology
    x = clips.x.clone().requires_grad_()

    outs = [conv(x, edge_index, pos=clips.pos, global_index=clips.global_index, edge_slot=edge_slot) for conv in sparse]
    padded, mask = pad(x, clips.num_nodes)
    pos, _ = pad(clips.pos, clips.num_nodes)
    adj = dense_temporal_motion_weight(padded, pos, clips.global_node, mask, window)
    dense_out = dense(padded, adj, mask)
    assert (dense_out[~mask] == 0).all()
    outs.append(unpad(dense_out, mask))

    probe = torch.randn_like(outs[0])
    for conv, out in zip([*sparse, dense], outs, strict=True):
        assert torch.allclose(out, outs[0], atol=1e-12)
        gradients = torch.autograd.grad((out * probe).sum(), [x, *conv.parameters()], retain_graph=True)
        if conv is sparse[0]:
            reference = dict(zip(["x", *dict(conv.named_parameters())], gradients, strict=True))
        for name, gradient in zip(["x", *dict(conv.named_parameters())], gradients, strict=True):
            assert torch.allclose(gradient, reference[name], atol=1e-10), name


@pytest.mark.parametrize("backend", ["edges", "banded", "csr", "blocks"])
def test_given_weights_get_their_gradient(backend):
    clips = ragged_clips(3, 1, sizes=(1, 4, 3))
    edge_index, edge_slot, _ = clips.topology
    conv = TMGCNConv(3, 2, backend=backend).double()
    weight = (torch.rand(edge_slot.numel(), dtype=torch.float64) - 0.3).requires_grad_()
    x = clips.x.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda x, w: conv(x, edge_index, w, edge_slot=edge_slot), (x, weight))


@pytest.mark.parametrize("backend", ["edges", "banded", "csr", "blocks"])
def test_a_clip_alone_equals_the_clip_in_a_batch(backend):
    clips = ragged_clips(6, 2)
    conv = TMGCNConv(6, 6, backend=backend).double()
    edge_index, edge_slot, window = clips.topology
    together = conv(clips.x, edge_index, pos=clips.pos, global_index=clips.global_index, edge_slot=edge_slot)
    first = 0
    for n, g in zip(clips.num_nodes.tolist(), clips.global_node.tolist(), strict=True):
        alone = build_topology(torch.tensor([n]), torch.tensor([g]), window)
        part = slice(first, first + n)
        out = conv(
            clips.x[part],
            alone.edge_index,
            pos=clips.pos[part],
            global_index=torch.tensor([g]),
            edge_slot=alone.edge_slot,
        )
        assert torch.allclose(out, together[part], atol=1e-12)
        first += n


def test_behaves_like_a_layer_of_pyg():
    clips = ragged_clips(16, 1, sizes=(4,))
    conv = TMGCNConv(16, 32).double()
    assert str(conv) == "TMGCNConv(16, 32)"
    edge_index, weight = clips.topology.edge_index, torch.rand(clips.topology.edge_index.size(1), dtype=torch.float64)
    assert_module(conv, clips.x, edge_index, pos=clips.pos, global_index=clips.global_index, expected_size=(4, 32))
    assert_module(conv, clips.x, edge_index, edge_weight=weight, expected_size=(4, 32), test_sparse_layouts=[])
    adjacency = torch.sparse_coo_tensor(edge_index.flip(0), weight, (4, 4)).coalesce()
    assert torch.allclose(conv(clips.x, adjacency), conv(clips.x, edge_index, weight), atol=1e-6)
    before = conv.lin.weight.clone()
    conv.reset_parameters()
    assert not torch.equal(conv.lin.weight, before)
    assert (conv.bias == 0).all()


def test_compiles_without_graph_breaks():
    clips = ragged_clips(8, 1, sizes=(3, 5), dtype=torch.float32)
    conv = TMGCNConv(8, 8)
    arguments = (clips.x, clips.topology.edge_index, None, clips.pos, clips.global_index)
    compiled = torch.compile(conv, fullgraph=True, dynamic=True, backend="aot_eager")
    assert torch.allclose(compiled(*arguments), conv(*arguments), atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"normalize": "row"}, "normalize must be one of"),
        ({"backend": "magic"}, "backend must be one of"),
        ({"lambda_local": 1.0}, "must be smaller than lambda_global"),
    ],
)
def test_impossible_arguments_are_refused(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        TMGCNConv(4, 4, **arguments)


def test_missing_inputs_are_named():
    clips = ragged_clips(4, 1)
    with pytest.raises(ValueError, match="needs edge_weight, or pos and global_index"):
        TMGCNConv(4, 4)(clips.x, clips.topology.edge_index)
    with pytest.raises(ValueError, match="needs edge_slot"):
        TMGCNConv(4, 4, backend="banded")(clips.x, clips.topology.edge_index, torch.rand(3))

import copy
import importlib.util

import pytest
import torch

from atm_gcn import ATMGCNError, TMGCNConv
from tests.clips import ragged_clips


@pytest.mark.scatter
@pytest.mark.parametrize("shuffled", [False, True])
def test_segments_agree_with_messages_in_value_and_gradient(shuffled):
    clips = ragged_clips(6, 2)
    edge_index = clips.topology.edge_index
    if shuffled:
        edge_index = edge_index[:, torch.randperm(edge_index.size(1))]
    edges = TMGCNConv(6, 5, backend="edges").double()
    segments = copy.deepcopy(edges)
    segments.backend = "scatter"
    x = clips.x.clone().requires_grad_()
    outs = [conv(x, edge_index, pos=clips.pos, global_index=clips.global_index) for conv in (edges, segments)]
    assert torch.allclose(*outs, atol=1e-12)
    probe = torch.randn_like(outs[0])
    gradients = [torch.autograd.grad((out * probe).sum(), x)[0] for out in outs]
    assert torch.allclose(*gradients, atol=1e-12)


@pytest.mark.skipif(importlib.util.find_spec("torch_scatter") is not None, reason="torch-scatter is installed")
def test_absent_torch_scatter_is_named_with_its_extra():
    clips = ragged_clips(4, 1)
    conv = TMGCNConv(4, 4, backend="scatter").double()
    with pytest.raises(ATMGCNError, match=r"needs torch_scatter.*pip install -e '\.\[scatter\]'"):
        conv(clips.x, clips.topology.edge_index, pos=clips.pos, global_index=clips.global_index)

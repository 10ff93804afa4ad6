"""What raises a logit, against models of which it is known."""

import numpy as np
import torch
from torch import nn
from torch_geometric.data import Data

from atm_gcn.explain.contributions import contributions


class Linear(nn.Module):
    """Two logits, linear in the differences of the frames from the onset."""

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(weight)  # [2, 3, 16, 16]

    def forward(self, batch):
        difference = batch.frames - batch.onset_frame[batch.batch]
        return torch.einsum("fkhw,lkhw->l", difference, self.weight)[None]


def clip() -> Data:
    generator = torch.Generator().manual_seed(0)
    frames = torch.randint(256, (4, 3, 16, 16), dtype=torch.uint8, generator=generator)
    return Data(frames=frames[1:], onset_frame=frames[:1], num_nodes=3)


def test_contributions_to_a_linear_logit_add_up_to_it():
    weight = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    model, data = Linear(weight).eval(), clip()
    for logit in (0, 1):
        maps, evidence = contributions(model, data, logit)
        assert maps is not None and maps.shape == (3, 2, 2) and evidence.shape == (3,)
        difference = (data.frames.float() - data.onset_frame.float()) / 255
        exact = (difference * weight[logit]).sum(dim=1)
        assert np.allclose(maps[:, 0, 1], exact[:, :8, 8:].sum(dim=(1, 2)), atol=1e-4)
        assert np.allclose(evidence, exact.sum(dim=(1, 2)), atol=1e-4)
    assert data.frames.dtype == torch.uint8  # the clip is left as it was


def test_a_place_without_weight_or_movement_contributes_nothing():
    weight, data = torch.zeros(2, 3, 16, 16), clip()
    weight[0, :, :8, :8] = 1
    data.frames[1] = data.onset_frame[0]
    maps, evidence = contributions(Linear(weight).eval(), data, 0)
    assert (maps[:, 1] == 0).all() and (maps[:, 0, 1] == 0).all() and maps[0, 0, 0] != 0
    assert evidence[1] == 0 and not contributions(Linear(weight).eval(), data, 1)[1].any()


def test_features_have_no_places():
    class OfFeatures(nn.Module):
        def __init__(self):
            super().__init__()
            self.lin = nn.Linear(5, 2, bias=False)

        def forward(self, batch):
            return self.lin(batch.x).sum(dim=0, keepdim=True)

    model, data = OfFeatures().eval(), Data(x=torch.randn(4, 5), num_nodes=4)
    maps, evidence = contributions(model, data, 1)
    assert maps is None
    assert np.allclose(evidence, (data.x @ model.lin.weight[1]).detach().numpy(), atol=1e-5)

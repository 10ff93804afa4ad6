import pytest
import torch
from torch_geometric.explain import AttentionExplainer, Explainer, GNNExplainer

from atm_gcn import TMGCNConv
from tests.clips import ragged_clips


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.convs = torch.nn.ModuleList([TMGCNConv(8, 8), TMGCNConv(8, 3)])

    def forward(self, x, edge_index, pos, global_index):
        for conv in self.convs:
            x = conv(x, edge_index, pos=pos, global_index=global_index)
        return x.mean(0, keepdim=True)


@pytest.mark.parametrize("algorithm", [AttentionExplainer(), GNNExplainer(epochs=3)], ids=lambda a: type(a).__name__)
def test_pygs_explainers_read_the_layer(algorithm):
    clips = ragged_clips(8, 1, sizes=(6,), dtype=torch.float32)
    explainer = Explainer(
        Net(),
        algorithm,
        explanation_type="model",
        edge_mask_type="object",
        model_config={"mode": "multiclass_classification", "task_level": "graph", "return_type": "raw"},
    )
    edge_index = clips.topology.edge_index
    mask = explainer(clips.x, edge_index, pos=clips.pos, global_index=clips.global_index).edge_mask
    assert mask.shape == (edge_index.size(1),)
    assert mask.max() > mask.min() >= 0

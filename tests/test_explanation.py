"""What ATMGCN.explain returns: shapes, sums, and agreement with the model itself."""

from dataclasses import replace

import pytest
import torch
from torch_geometric.data import Batch, Data
from torch_geometric.explain import AttentionExplainer, Explainer, GNNExplainer

from atm_gcn import ATMGCN, ModelConfig
from atm_gcn.encoders import normalize_frames
from atm_gcn.errors import ATMGCNError
from atm_gcn.graph import DenseTMGCNConv, build_topology, temporal_motion_weight
from tests.clips import frame_batch
from tests.test_model import SWITCHES, model_of

SIZES = (3, 1, 6)


def explained(batch=None, **settings):
    model = model_of(**settings).double()
    batch = frame_batch(dtype=torch.float64) if batch is None else batch
    return model.explain(batch), model.eval(), batch


@pytest.mark.parametrize("switch", SWITCHES, ids=["full", "w/o GCN", "w/o motion", "w/o ATM"])
def test_probabilities_are_the_models(switch):
    explanation, model, batch = explained(**switch)
    assert torch.allclose(explanation.probabilities, model(batch).softmax(dim=1), atol=1e-12)
    assert len(explanation.edge_weight) == (2 if model.graph is not None else 0)
    assert all(weight.shape == (explanation.edge_index.size(1),) for weight in explanation.edge_weight)


def test_maps_are_those_of_every_block():
    explanation, _, _ = explained()
    assert [tuple(maps.shape) for maps in explanation.attention_maps] == [(10, 1, 16, 16), (10, 1, 8, 8)]
    assert all(maps.min() >= 0 and maps.max() <= 1 for maps in explanation.attention_maps)


def test_a_long_clip_is_encoded_in_parts():
    batch = frame_batch(size=16, sizes=(70, 65), dtype=torch.float64)
    explanation, model, _ = explained(batch)
    frames, onset_frames = normalize_frames(batch.frames), normalize_frames(batch.onset_frame)[batch.batch]
    wholes = model.encoder.attention_maps(frames, onset_frames, batch.pos)
    for maps, whole in zip(explanation.attention_maps, wholes, strict=True):
        assert torch.allclose(maps, whole, atol=1e-12)
    onset = batch.onset_frame[batch.batch]
    assert torch.allclose(explanation.frame_difference, (batch.frames - onset).abs().mean(dim=(1, 2, 3)))


def test_an_encoder_of_ones_own_needs_no_maps():
    class Mean(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lin = torch.nn.Linear(3, 16)

        def forward(self, frames, onset_frames, pos):
            return self.lin((frames - onset_frames).mean(dim=(2, 3)))

    model, batch = model_of(), frame_batch()
    model.encoder = Mean()
    explanation = model.explain(batch)
    assert explanation.attention_maps == [] and explanation.frame_difference.shape == (10,)


def test_readout_attention_is_what_the_readout_takes():
    explanation, model, batch = explained()
    assert [tuple(w.shape) for w in explanation.readout_weights] == [(4, n, n) for n in SIZES]
    for clip in explanation.split():
        assert clip.readout_attention.sum() == pytest.approx(1)
    readout, hidden = model.readout, model.relate(model.motion_features(batch), batch)
    values = readout.qkv(readout.norm(hidden)).chunk(3, dim=-1)[2].unflatten(-1, (4, -1))  # [n, heads, F / heads]
    taken = [
        torch.einsum("hij,jhf->ihf", w, v).flatten(1)
        for w, v in zip(explanation.readout_weights, values.split(SIZES), strict=True)
    ]
    assert torch.allclose(readout.out(torch.cat(taken)), readout.attend(hidden, batch.batch, 3), atol=1e-12)


def test_the_matrix_is_the_layers_adjacency():
    explanation, model, batch = explained(sizes_batch(1, 7), normalize="sym")
    clip = explanation.split()[1]
    conv = model.graph.convs[0]
    dense = DenseTMGCNConv(conv.in_channels, conv.out_channels).double()
    dense.load_state_dict(conv.state_dict())
    features = model.motion_features(batch)[1:]
    matrix = clip.adjacency(layer=1)
    sparse = conv(features, clip.edge_index, clip.edge_weight[0])
    assert torch.allclose(dense(features[None], matrix[None])[0], sparse, atol=1e-12)
    assert (matrix != 0).sum() == clip.edge_index.size(1) and not torch.allclose(matrix, matrix.T)


@pytest.mark.parametrize("pooling", ["mean", "max", "attention", "apex", "mean-apex"])
def test_pooling_weights_are_what_the_readout_pools_with(pooling):
    explanation, model, batch = explained(pooling=pooling)
    weight = explanation.pooling_weight
    if pooling == "max":
        assert weight is None and explanation.pooled_attention.shape == (10, 1)
        return
    readout, hidden = model.readout, model.relate(model.motion_features(batch), batch)
    attended = hidden + readout.attend(hidden, batch.batch, 3)
    each = zip(weight.split(SIZES), attended.split(SIZES), strict=True)
    pooled = [(weights[:, :, None] * nodes[:, None]).sum(dim=0).flatten() for weights, nodes in each]
    assert torch.allclose(readout.classifier(torch.stack(pooled)).softmax(dim=1), explanation.probabilities, atol=1e-12)
    for clip in explanation.split():
        assert torch.allclose(clip.pooling_weight.sum(dim=0), torch.ones(weight.size(1), dtype=torch.float64))
        assert clip.readout_attention.sum() == pytest.approx(1)
        if pooling == "apex":  # the only query that counts
            expected = clip.readout_weights[0][:, clip.global_index.item()].mean(dim=0)
            assert torch.allclose(clip.readout_attention, expected)


@pytest.mark.parametrize("pooling", ["apex", "mean-apex"])
def test_the_mean_stands_for_a_missing_global_node(pooling):
    batch = frame_batch(dtype=torch.float64)
    batch.global_index = torch.empty(0, dtype=torch.int64)
    weight = explained(batch, pooling=pooling)[0].pooling_weight
    for clip, nodes in zip(weight.split(SIZES), SIZES, strict=True):
        assert torch.allclose(clip, torch.full((nodes, weight.size(1)), 1 / nodes, dtype=torch.float64))


@pytest.mark.parametrize("adaptive", [True, False], ids=["full", "w/o ATM"])
def test_the_weights_of_a_layer_are_compared_with_those_of_eq_6_to_8(adaptive):
    explanation, model, batch = explained(sizes_batch(3, 9), adaptive=adaptive, adaptive_start="identity")
    initial = temporal_motion_weight(
        model.motion_features(batch), explanation.edge_index, batch.pos, batch.global_index, **model.graph.weighting()
    )
    assert torch.equal(explanation.initial_weight, initial)
    assert torch.allclose(explanation.initial_correlation(1), torch.ones(2, 1, dtype=torch.float64))
    assert torch.allclose(explanation.initial_slope(2), torch.ones(2, 1, dtype=torch.float64))
    assert torch.allclose(explanation.global_share(1), explanation.global_share(0))
    clip = explanation.split()[1].cpu()
    assert torch.allclose(clip.global_share(1)[0], explanation.global_share(1)[1])
    assert clip.global_edge_share.item() == clip.global_edges.sum() / clip.edge_index.size(1)
    assert torch.allclose(clip.adjacency(0), clip.adjacency(1), atol=1e-6)


def test_a_trained_bias_lowers_the_slope():
    explanation, _, _ = explained(sizes_batch(9), adaptive_start="difference", forgetting_rate=0.25)
    assert explanation.initial_slope(1).item() == pytest.approx(0.25)
    assert abs(explanation.initial_correlation(1).item()) < 0.5


def test_heads_of_a_model():
    settings = {"adaptive_heads": 2, "adaptive_start": "mixed", "forgetting_rate": 0.25}
    explanation, _, _ = explained(sizes_batch(3, 9), **settings)
    assert [explanation.heads(layer) for layer in (1, 2)] == [2, 2]
    slopes = torch.tensor([[1.0, 0.25]] * 2, dtype=torch.float64)
    assert torch.allclose(explanation.initial_slope(1), slopes)
    assert torch.allclose(explanation.initial_correlation(1)[:, 0], torch.ones(2, dtype=torch.float64))


def test_heads_have_a_column_each():
    explanation, _, _ = explained(sizes_batch(3, 9))
    both = torch.stack([explanation.edge_weight[0], -explanation.initial_weight], dim=1)
    headed = replace(explanation, edge_weight=[both, explanation.edge_weight[1]])
    clip = headed.split()[1].cpu()
    assert [clip.heads(layer) for layer in (1, 2)] == [2, 1]
    assert torch.equal(clip.adjacency(1, head=2), -clip.adjacency(0))
    assert clip.initial_correlation(1)[0, 1].item() == pytest.approx(-1)
    assert headed.global_share(1).shape == (2, 2)
    for wrong, message in (
        ({"layer": 3}, r"layer must be from 1 to 2, or 0 for A\^\(0\), not 3"),
        ({"layer": 1, "head": 3}, "head must be from 1 to 2, the heads of layer 1, not 3"),
        ({"layer": 2, "head": 0}, "head must be from 1 to 1, the heads of layer 2, not 0"),
    ):
        with pytest.raises(ATMGCNError, match=message):
            clip.adjacency(**wrong)


def test_a_graph_of_ones_own_need_not_give_initial_weights():
    class Graph(torch.nn.Linear):
        def forward(self, x, graph, pos, global_index):
            return super().forward(x)

        def layer_weights(self, x, graph, pos, global_index):
            return [torch.ones(graph.edge_index.size(1))]

    model = model_of()
    model.graph = Graph(16, 12)
    explanation = model.explain(frame_batch())
    assert explanation.initial_weight is None and explanation.global_share(1).shape == (3, 1)
    assert explanation.split()[2].initial_weight is None
    with pytest.raises(ATMGCNError, match=r"A\^\(0\) is unknown: the model's graph gives no initial_weights"):
        explanation.initial_correlation(1)


def sizes_batch(*sizes):
    return frame_batch(sizes=sizes, dtype=torch.float64)


def test_a_clip_alone_equals_the_clip_in_a_batch():
    together, model, batch = explained()
    for part, clip in zip(together.split(), batch.to_data_list(), strict=True):
        alone = model.explain(clip)
        assert torch.equal(part.edge_index, alone.edge_index) and torch.equal(part.ptr, alone.ptr)
        assert torch.equal(part.global_index, alone.global_index)
        pairs = zip(part.edge_weight + part.attention_maps, alone.edge_weight + alone.attention_maps, strict=True)
        for ours, theirs in pairs:
            assert torch.allclose(ours, theirs, atol=1e-10)
        assert torch.allclose(part.frame_difference, alone.frame_difference)
        assert torch.allclose(part.feature_norm, alone.feature_norm, atol=1e-10)


def test_motion_is_measured_in_shares_of_the_grey_range():
    still = Data(frames=torch.zeros(2, 3, 32, 32), onset_frame=torch.zeros(1, 3, 32, 32), pos=torch.tensor([2, 3]))
    still.global_index, still.num_nodes = torch.tensor([1]), 2
    still.frames[1, 0] = 0.5  # one of three channels
    assert torch.allclose(model_of().explain(still).frame_difference, torch.tensor([0.0, 1 / 6]))
    as_bytes = still.clone()
    as_bytes.frames = (still.frames * 255).to(torch.uint8)
    as_bytes.onset_frame = still.onset_frame.to(torch.uint8)
    assert torch.allclose(model_of().explain(as_bytes).frame_difference, torch.tensor([0.0, 127 / 255 / 3]))


def test_explaining_leaves_the_model_as_it_was():
    model = model_of(dropout=0.5).train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    first, second = model.explain(frame_batch()), model.explain(frame_batch())
    assert model.training and not first.probabilities.requires_grad
    assert torch.equal(first.probabilities, second.probabilities)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


def test_features_in_place_of_frames_have_no_maps():
    clips = [Data(x=torch.randn(n, 16), pos=torch.arange(n), global_index=torch.tensor([0])) for n in (2, 5)]
    explanation = model_of().explain(Batch.from_data_list(clips))
    assert explanation.attention_maps == [] and explanation.frame_difference is None
    assert torch.allclose(explanation.feature_norm[:2], clips[0].x.norm(dim=1))


@pytest.mark.parametrize("algorithm", [AttentionExplainer(), GNNExplainer(epochs=3)], ids=lambda a: type(a).__name__)
def test_pygs_explainer_reads_the_whole_model(algorithm):
    model = ATMGCN(ModelConfig(num_classes=3, motion_channels=16, hidden_channels=16, num_layers=2)).eval()
    topology = build_topology(torch.tensor([6]), torch.tensor([4]), model.config.window)
    explainer = Explainer(
        model.on_edges(),
        algorithm,
        explanation_type="model",
        edge_mask_type="object",
        model_config={"mode": "multiclass_classification", "task_level": "graph", "return_type": "raw"},
    )
    mask = explainer(
        torch.randn(6, 16),
        topology.edge_index,
        edge_slot=topology.edge_slot,
        pos=torch.arange(2, 8),
        global_index=torch.tensor([4]),
    ).edge_mask
    assert mask.shape == (topology.edge_index.size(1),)
    assert mask.isfinite().all()
    assert mask.max() > mask.min()

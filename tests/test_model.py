import copy

import pytest
import torch
from torch_geometric.data import Batch, Data

from atm_gcn import ATMGCN, ATMGCNError, ModelConfig
from atm_gcn.encoders import mirrored
from atm_gcn.graph import build_topology
from tests.clips import flow_batch, frame_batch

SMALL = {
    "num_classes": 3,
    "motion_channels": 16,
    "hidden_channels": 12,
    "num_blocks": 2,
    "stem_channels": (6, 4),
    "block_channels": (4, 6, 6, 6),
    "grid": 3,
    "num_layers": 2,
}
SWITCHES = [{}, {"use_gcn": False}, {"use_motion": False}, {"adaptive": False}]


def model_of(**settings):
    torch.manual_seed(0)
    return ATMGCN(ModelConfig(**(SMALL | settings)))


@pytest.mark.parametrize("switch", SWITCHES, ids=["full", "w/o GCN", "w/o motion", "w/o ATM"])
def test_every_row_of_table_iv_learns(switch):
    model, batch = model_of(**switch), frame_batch()
    logits = model(batch)
    assert logits.shape == (3, 3)
    torch.nn.functional.cross_entropy(logits, batch.y).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize("switch", SWITCHES, ids=["full", "w/o GCN", "w/o motion", "w/o ATM"])
def test_a_clip_alone_equals_the_clip_in_a_batch(switch):
    model, batch = model_of(**switch).double().eval(), frame_batch(dtype=torch.float64)
    together = model(batch)
    for index, clip in enumerate(batch.to_data_list()):
        assert torch.allclose(model(clip)[0], together[index], atol=1e-10)


def test_backends_agree():
    batch = frame_batch(dtype=torch.float64)
    banded, edges = model_of(backend="banded").double().eval(), model_of(backend="edges").double().eval()
    assert torch.allclose(banded(batch), edges(batch), atol=1e-10)


def test_edges_in_the_batch_change_nothing():
    model, batch = model_of().eval(), frame_batch()
    expected = model(batch)
    topology = build_topology(batch.ptr.diff(), batch.global_index - batch.ptr[:-1], model.config.window)
    batch.edge_index, batch.edge_slot = topology.edge_index, topology.edge_slot
    assert torch.equal(model(batch), expected)


def test_own_edges_without_slots_serve_the_model_without_adaptive_layers():
    batch = frame_batch(sizes=(4,))
    batch.edge_index = torch.tensor([[0, 1, 2, 3], [1, 2, 3, 0]])
    assert model_of(adaptive=False)(batch).shape == (1, 3)
    with pytest.raises(ValueError, match="Adaptive-TM needs edge_slot"):
        model_of()(batch)


def test_precomputed_motion_features_take_the_place_of_frames():
    clips = [Data(x=torch.randn(n, 16), pos=torch.arange(n), global_index=torch.tensor([0])) for n in (2, 5)]
    assert model_of()(Batch.from_data_list(clips)).shape == (2, 3)
    with pytest.raises(ValueError, match="neither frames nor motion features"):
        model_of()(Data(pos=torch.arange(2), global_index=torch.tensor([0]), num_nodes=2))


@pytest.mark.parametrize(
    ("preset", "blocks", "layers", "window"), [("small", 2, 2, 1), ("plus", 2, 2, 1), ("large", 4, 4, 2)]
)
def test_presets_have_the_papers_sizes(preset, blocks, layers, window):
    model = ATMGCN.from_preset(preset, num_classes=5)
    config = model.config
    assert (config.num_blocks, config.num_layers, config.window, config.tau) == (blocks, layers, window, 10)
    assert len(model.encoder.blocks) == blocks and len(model.graph.convs) == layers
    assert model.readout.classifier.out_features == 5


def test_number_of_classes_must_be_given():
    with pytest.raises(ValueError, match="number of classes"):
        ATMGCN(ModelConfig())


def test_saved_model_comes_back_whole(tmp_path):
    model, batch = model_of(class_names=["a", "b", "c"]).eval(), frame_batch()
    model.save_pretrained(tmp_path / "model.safetensors")
    for path in (tmp_path, tmp_path / "model.safetensors"):
        again = ATMGCN.from_pretrained(path)
        assert again.config == model.config
        assert torch.equal(again(batch), model(batch))


class MeanDifference(torch.nn.Module):
    """A custom encoder: the mean change of the picture."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.lin = torch.nn.Linear(3, channels)

    def forward(self, frames, onset_frames, pos):
        assert frames.shape == onset_frames.shape and len(pos) == len(frames)
        return self.lin((frames - onset_frames).mean(dim=(2, 3)))


def test_another_encoder_is_trained_saved_and_read_back(tmp_path):
    config, batch = ModelConfig(**SMALL), frame_batch()
    model = ATMGCN(config, encoder=MeanDifference(16))
    model(batch).sum().backward()
    assert model.encoder.lin.weight.grad.abs().sum() > 0
    model.eval().save_pretrained(tmp_path)
    again = ATMGCN.from_pretrained(tmp_path, encoder=MeanDifference(16))
    with torch.no_grad():
        assert torch.equal(again(batch), model(batch))


@pytest.mark.parametrize("encoder", [None, MeanDifference(8)], ids=["MotionEncoder", "other size"])
def test_a_model_read_with_another_encoder_says_so(tmp_path, encoder):
    ATMGCN(ModelConfig(**SMALL), encoder=MeanDifference(16)).save_pretrained(tmp_path)
    with pytest.raises(ATMGCNError, match=r"its encoder does not match \w+ of these sizes; give the one"):
        ATMGCN.from_pretrained(tmp_path, encoder=encoder)


def test_an_encoder_may_have_nothing_to_learn():
    class Still(torch.nn.Module):
        def forward(self, frames, onset_frames, pos):
            return (frames - onset_frames).flatten(1)[:, :16]

    with torch.no_grad():
        assert ATMGCN(ModelConfig(**SMALL), encoder=Still()).eval()(frame_batch()).shape == (3, 3)


class Readout(torch.nn.Module):
    def __init__(self, needs_global_index):
        super().__init__()
        self.needs_global_index, self.calls = needs_global_index, []
        self.lin = torch.nn.LazyLinear(3)

    def forward(self, x, batch, batch_size, num_nodes=None, **others):
        self.calls.append((x.size(1), others))
        return self.lin(x)[:batch_size]


@pytest.mark.parametrize("use_gcn", [True, False])
@pytest.mark.parametrize("needed", [True, False])
def test_a_readout_gets_the_global_nodes_if_it_asks_for_them(needed, use_gcn):
    readout, batch = Readout(needed), frame_batch()
    model = ATMGCN(ModelConfig(**SMALL | {"use_gcn": use_gcn}, concatenate_input=True), readout=readout).eval()
    model(batch)
    (width, others), *_ = readout.calls
    assert width == model.config.readout_channels
    assert list(others) == (["global_index"] if needed else [])
    assert not needed or torch.equal(others["global_index"], batch.global_index)


@pytest.mark.parametrize("pooling", ["attention", "apex", "mean-apex"])
@pytest.mark.parametrize("layer", ["residual", "gcnii"])
def test_every_form_is_trained_ablated_saved_and_read_back(tmp_path, layer, pooling):
    settings = {"layer": layer, "pooling": pooling, "concatenate_input": True, "learnable_weighting": True}
    settings |= {"adaptive_heads": 4, "adaptive_start": "mixed"}
    batch = frame_batch()
    for ablation in ({}, {"use_gcn": False}, {"adaptive": False}):
        model = ATMGCN(ModelConfig(**SMALL | settings | ablation))
        model(batch).square().sum().backward()
        assert [name for name, weight in model.named_parameters() if weight.grad is None] == []
        model.eval().save_pretrained(tmp_path)
        again = ATMGCN.from_pretrained(tmp_path)
        assert again.config == model.config and torch.equal(again(batch), model(batch))


def test_a_readout_of_the_apex_needs_the_global_node_without_the_graph():
    batch = frame_batch()
    del batch.global_index
    model = ATMGCN(ModelConfig(**SMALL | {"use_gcn": False}, pooling="apex")).eval()
    with pytest.raises(ATMGCNError, match="global_index"):
        model(batch)
    ATMGCN(ModelConfig(**SMALL | {"use_gcn": False})).eval()(batch)


@pytest.mark.parametrize("view", ["frames", "flow", "both"])
def test_mirrored_clips_are_averaged_in_evaluation(view):
    model = model_of(input=view, average_mirrored=True).double().eval()
    batch = flow_batch(frames=16, dtype=torch.float64)
    plain = model_of(input=view).double().eval()
    images = mirrored(batch.frames, batch.onset_frame, batch.flow)
    image = copy.copy(batch)
    image.frames, image.onset_frame, image.flow = images
    both = torch.stack([plain(batch), plain(image)]).softmax(dim=2).mean(dim=0)
    torch.testing.assert_close(model(batch).softmax(dim=1), both)
    torch.testing.assert_close(model(image), model(batch))
    torch.testing.assert_close(model.explain(batch).probabilities, both)
    torch.testing.assert_close(model.train()(batch), plain.train()(batch))


def test_features_have_no_mirror_image():
    clip = Data(x=torch.randn(5, 16), pos=torch.arange(2, 7), global_index=torch.tensor([2]), num_nodes=5)
    batch = Batch.from_data_list([clip])
    assert torch.equal(model_of(average_mirrored=True).eval()(batch), model_of().eval()(batch))

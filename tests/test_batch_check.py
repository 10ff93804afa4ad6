"""A batch that a model cannot take is refused in one sentence that names the clip or the attribute."""

import pytest
import torch
from torch_geometric.data import Batch, Data

from atm_gcn import ATMGCN, ATMGCNError, ModelConfig
from atm_gcn.encoders import normalize_frames, pairing
from atm_gcn.errors import BatchError
from atm_gcn.graph import AttentionReadout, TMGCNConv, build_topology, dense_temporal_motion_weight
from tests.clips import ragged_clips
from tests.test_model import SMALL

MODEL = ATMGCN(ModelConfig(**SMALL)).eval()


def clip(nodes=3, global_node=0, size=16, **changed):
    given = {
        "frames": torch.zeros(nodes, 3, size, size, dtype=torch.uint8),
        "onset_frame": torch.zeros(1, 3, 16, 16, dtype=torch.uint8),
        "pos": torch.arange(2, nodes + 2),
        "global_index": torch.tensor([global_node]),
        "num_nodes": nodes,
    }
    return Data(**{name: value for name, value in (given | changed).items() if value is not None})


def features(nodes=3, **changed):
    return clip(nodes, **{"frames": None, "onset_frame": None, "x": torch.zeros(nodes, 16)} | changed)


def batch_of(*clips, **changed):
    batch = Batch.from_data_list(list(clips))
    for name, value in changed.items():
        batch[name] = value
    return batch


def no_clips():
    none = torch.zeros(0, dtype=torch.int64)
    given = {"x": torch.zeros(0, 16), "pos": none, "global_index": none, "num_nodes": 0}
    return Data(**given, batch=none, ptr=torch.tensor([0]))


WRONG = {
    "a clip without nodes": (batch_of(clip(), clip(0), clip()), "clip 1 of the batch, counted from 0, has no node"),
    "features without nodes": (batch_of(features(), features(0)), "clip 1 of the batch, counted from 0, has no node"),
    "a single clip without nodes": (clip(0), "clip 0 of the batch, counted from 0, has no node"),
    "no clips": (no_clips(), "the batch has no clip"),
    "a global node behind": (
        batch_of(clip(), clip(3, 3), clip()),
        "clip 1 of the batch, counted from 0, has its global node at 3, outside of its nodes 0 to 2",
    ),
    "a global node before": (batch_of(clip(), clip(3, -1)), "clip 1 .* has its global node at -1, outside"),
    "a single global node": (features(global_node=7), "clip 0 .* has its global node at 7, outside"),
    "mixed nodes": (
        batch_of(clip(), clip(2), batch=torch.tensor([0, 1, 0, 1, 0])),
        "the 5 nodes must lie clip after clip, from clip 0 to 1, as ptr says; node 1 is of clip 1, not 0",
    ),
    "another border": (batch_of(clip(), clip(2), batch=torch.tensor([0, 0, 1, 1, 1])), "node 2 is of clip 1, not 0"),
    "a longer ptr": (batch_of(clip(), ptr=torch.tensor([0, 9])), "the 3 nodes must lie clip after clip"),
    "no ptr": (
        clip(batch=torch.zeros(3, dtype=torch.int64)),
        "the batch has no ptr; make it with Batch.from_data_list",
    ),
    "pos too long": (
        batch_of(clip(), clip(2, pos=torch.arange(3))),
        "clip 1 of the batch, counted from 0, must have a row of pos for each of 2 nodes, not 3",
    ),
    "pos of exchanged lengths": (
        batch_of(clip(3, pos=torch.arange(2)), clip(2, pos=torch.arange(3))),
        "clip 0 of the batch, counted from 0, must have a row of pos for each of 3 nodes, not 2",
    ),
    "pos of the batch": (batch_of(clip(), pos=torch.arange(9)), "pos must have a row for each of the batch's 3 nodes"),
    "too few frames": (batch_of(clip(3, frames=clip(2).frames)), "a row of frames for each of 3 nodes, not 2"),
    "too few features": (batch_of(features(3, x=torch.zeros(2, 16))), "a row of x for each of 3 nodes, not 2"),
    "narrow features": (batch_of(features(x=torch.zeros(3, 9))), r"x must be \[num_nodes, 16\] .*, not \[3, 9\]"),
    "channels last": (
        clip(frames=torch.zeros(3, 16, 16, 3)),
        r"frames must be \[num_nodes, 3, H, W\], not \[3, 16, 16, 3\]",
    ),
    "another size": (clip(size=8), r"onset_frame must be \[1, 3, 8, 8\], one per clip, not \[1, 3, 16, 16\]"),
    "no pos": (batch_of(clip(pos=None)), "the batch has no pos; set it in every clip to the time of each row"),
    "no global node": (
        batch_of(clip(global_index=None)),
        "the batch has no global_index; set it in every clip to the row of the apex frame",
    ),
    "two global nodes": (features(global_index=torch.tensor([0, 1])), "one node for each of 1 clips, or none, not 2"),
    "no onset": (
        batch_of(clip(onset_frame=None)),
        "the batch has no onset_frame; set it in every clip to its onset frame",
    ),
    "nothing to see": (clip(frames=None, onset_frame=None), "neither frames nor motion features x"),
}
FRAMES = {
    "0..255": (
        torch.linspace(0, 255, 2304),
        "of type float32 must lie in 0..1, not go from 0 to 255; divide them by 255, or convert them to uint8$",
    ),
    "half": (
        torch.linspace(0, 255, 2304).half(),
        "of type float16 must lie in 0..1, not go from 0 to 255; divide them by 255, or convert them to uint8$",
    ),
    "negative": (torch.linspace(-1, 1, 2304).double(), "of type float64 must lie in 0..1, not go from -1 to 1$"),
    "not a number": (torch.linspace(0, 1, 2304).log().sqrt(), "of type float32 must lie in 0..1, not hold NaN$"),
    "infinite": (torch.full((2304,), torch.inf), "of type float32 must lie in 0..1, not go from inf to inf$"),
    "int64": (torch.arange(2304), "of type int64 must lie in 0..255, not go from 0 to 2303$"),
    "int16": (-torch.ones(2304, dtype=torch.int16), "of type int16 must lie in 0..255, not go from -1 to -1$"),
    "uint16": (torch.zeros(2304, dtype=torch.uint16), "must be uint8 in 0..255 or floating point in 0..1, not uint16$"),
    "bool": (torch.zeros(2304, dtype=torch.bool), "must be uint8 in 0..255 or floating point in 0..1, not bool$"),
}


@pytest.mark.parametrize(("batch", "said"), WRONG.values(), ids=list(WRONG))
def test_what_is_said_of_a_wrong_batch(batch, said):
    for grad in (True, False):
        with torch.set_grad_enabled(grad), pytest.raises(BatchError, match=said):
            MODEL(batch)
    with pytest.raises(ATMGCNError, match=said) as info:
        MODEL.explain(batch)
    assert isinstance(info.value, ValueError) and "\n" not in str(info.value)


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("at_once", [True, False], ids=["CPU", "as on a GPU"])
@pytest.mark.parametrize(("values", "said"), FRAMES.values(), ids=list(FRAMES))
def test_frames_out_of_range(monkeypatch, values, said, at_once, last):
    monkeypatch.setattr(pairing, "readable", lambda tensor: at_once)
    frames = values.view(3, 3, 16, 16)
    frames = frames.contiguous(memory_format=torch.channels_last) if last else frames
    for grad in (True, False):
        for name, wrong in (("frames", {"frames": frames}), ("onset_frame", {"onset_frame": frames[-1:]})):
            if name == "frames" or "from -1 to 1" not in said:
                with torch.set_grad_enabled(grad), pytest.raises(BatchError, match=f"^{name} "):
                    MODEL(batch_of(clip(**wrong)))
    with pytest.raises(BatchError, match=f"^frames {said}"):
        MODEL(batch_of(clip(frames=frames)))
    if at_once:
        with pytest.raises(BatchError, match=f"^frames {said}"):
            normalize_frames(frames)


@pytest.mark.parametrize("at_once", [True, False], ids=["CPU", "as on a GPU"])
@pytest.mark.parametrize(
    "frames", [torch.rand(3, 3, 16, 16) * 1.0005, torch.ones(3, 3, 16, 16).half(), torch.full((3, 3, 16, 16), 255)]
)
def test_frames_in_range(monkeypatch, frames, at_once):
    monkeypatch.setattr(pairing, "readable", lambda tensor: at_once)
    assert MODEL(batch_of(clip(frames=frames))).isfinite().all()


def test_without_the_graph_features_are_enough():
    model = ATMGCN(ModelConfig(**SMALL, use_gcn=False))
    given = features(pos=None, global_index=None)
    assert model(given).shape == model(batch_of(given)).shape == (1, 3)


def test_a_model_of_features():
    model = ATMGCN(ModelConfig(**SMALL, input="features")).eval()
    assert model(features()).shape == (1, 3) and not list(model.encoder.parameters())
    with pytest.raises(
        BatchError, match=r"the batch has no x; the model reads features \[num_nodes, C\] instead of fram"
    ):
        model(clip())


def test_an_encoder_of_another_width():
    class Wide(torch.nn.Module):
        def forward(self, frames, onset_frames, pos):
            return frames.flatten(1)[:, :20]

    model = ATMGCN(ModelConfig(**SMALL), encoder=Wide())
    for grad in (True, False):
        with (
            torch.set_grad_enabled(grad),
            pytest.raises(BatchError, match=r"what the encoder returns must be \[num_fra"),
        ):
            model.train(grad)(clip())


def test_layers_alone():
    clips = ragged_clips(4, 1, sizes=(3, 2))
    conv, edges = TMGCNConv(4, 4).double(), clips.topology.edge_index
    given = {"pos": clips.pos, "global_index": clips.global_index, "edge_slot": clips.topology.edge_slot}
    assert conv(clips.x, edges, **given).shape == (5, 4)
    wrong = {
        "pos must hold one value for each of 5 nodes, not 4": {"pos": clips.pos[:4]},
        "edge_slot must hold one value for each of 13 edges, not 12": {"edge_slot": clips.topology.edge_slot[:12]},
        "edge_weight must hold one value for each of 13 edges, not 2": {"edge_weight": torch.ones(2)},
        "global_index holds 5, and there are nodes 0 to 4": {"global_index": torch.tensor([0, 5])},
        "global_index holds -1, and there are nodes 0 to 4": {"global_index": torch.tensor([-1, 4])},
    }
    for said, changed in wrong.items():
        with pytest.raises(BatchError, match=said):
            conv(clips.x, edges, **given | changed)
    with pytest.raises(BatchError, match="x must have 4 features per row, for which the layer was built, not 3"):
        conv(clips.x[:, :3], edges, **given)
    with pytest.raises(BatchError, match="x must have 8 features per row"):
        AttentionReadout(8, 3)(torch.zeros(2, 7), torch.zeros(2, dtype=torch.int64), 1)


@pytest.mark.parametrize(
    ("batch", "batch_size", "said"),
    [
        ([0, 0, 2, 2], 3, "clip 1 of the batch, counted from 0, has no node"),
        ([0, 0, 1, 1], 3, "clip 2 of the batch, counted from 0, has no node"),
        ([0, 1, 0, 1], 2, "batch must name the clips 0 to 1 in ascending order"),
        ([0, 0, 1, 2], 2, "batch must name the clips 0 to 1 in ascending order"),
        ([], 0, "the batch has no clip"),
    ],
)
def test_the_readout_alone(batch, batch_size, said):
    with pytest.raises(BatchError, match=said):
        AttentionReadout(8, 3)(torch.zeros(len(batch), 8), torch.tensor(batch, dtype=torch.int64), batch_size)


@pytest.mark.parametrize(
    ("nodes", "global_node", "said"), [([3, 0], [0, 0], "clip 1 .* no node"), ([3, 2], [0, 2], "clip 1 .* node at 2")]
)
def test_topology_and_the_dense_twin(nodes, global_node, said):
    mask = torch.arange(3) < torch.tensor(nodes)[:, None]
    with pytest.raises(BatchError, match=said):
        dense_temporal_motion_weight(torch.rand(2, 3, 4), torch.rand(2, 3), torch.tensor(global_node), mask, 1)
    with pytest.raises(BatchError, match=said):
        build_topology(torch.tensor(nodes), torch.tensor(global_node), 1)

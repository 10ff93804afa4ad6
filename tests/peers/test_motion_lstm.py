"""MotionLSTM: the motion features of ATM-GCN, read in their order."""

import pytest
import torch
from torch_geometric.data import Batch

from atm_gcn import ATMGCN, ModelConfig
from atm_gcn.encoders import MotionEncoder
from atm_gcn.errors import BatchError
from atm_gcn.peers import build_peer
from atm_gcn.peers.motion_lstm import MotionLSTM
from tests.clips import flow_batch, frame_batch
from tests.peers.network_checks import alone_and_batched, overfits_within, parameters_of, without_gradient

ENCODER = {"motion_channels": 12, "num_blocks": 2, "stem_channels": (6, 8), "block_channels": (8, 8, 8, 8), "grid": 2}
SIZES = (4, 1, 9, 2, 7, 3, 8, 5, 6)


def tiny(input="frames", **options):
    torch.manual_seed(0)
    return MotionLSTM(3, hidden_channels=10, **ENCODER, input=input, **options)


def clips_for(input, sizes=SIZES):
    """Clips of what a view reads."""
    if input == "features":
        clips, generator = frame_batch(4, sizes).to_data_list(), torch.Generator().manual_seed(0)
        for clip in clips:
            del clip.frames, clip.onset_frame
            clip.x = torch.randn(clip.num_nodes, 12, generator=generator)
        return Batch.from_data_list(clips)
    return (
        frame_batch(16, sizes) if input == "frames" else flow_batch(16, sizes, frames=16 if input == "both" else None)
    )


VIEWS = pytest.mark.parametrize("input", ["frames", "flow", "both", "features"])


def test_parameters():
    with torch.device("meta"):
        network, both = build_peer("lstm", 3), build_peer("lstm", 3, input="both")
    assert parameters_of(network) == 19_580_023 and parameters_of(network.encoder) == 15_374_452
    assert parameters_of(both) - parameters_of(network) == 3 * 180 * 9
    assert isinstance(network.encoder, MotionEncoder)
    assert isinstance(tiny("features").encoder, torch.nn.Identity)


@VIEWS
def test_lengths_1_to_9(input):
    alone, batched = alone_and_batched(tiny(input), clips_for(input))
    assert batched.shape == (9, 3)
    assert torch.allclose(alone, batched, atol=1e-5)


@torch.no_grad()
@VIEWS
def test_motion_features_are_those_of_atm_gcn(input):
    config = ModelConfig(num_classes=3, hidden_channels=12, heads=1, input=input, **ENCODER)
    model, network, batch = ATMGCN(config).eval(), tiny(input).eval(), clips_for(input)
    network.encoder.load_state_dict(model.encoder.state_dict())
    expected = model.motion_features(batch)
    assert torch.equal(network.motion_features(batch), expected)
    for name in {"frames", "onset_frame", "flow"} & set(batch.keys()):
        del batch[name]
    batch.x = expected
    assert torch.equal(network.motion_features(batch), expected)


@torch.no_grad()
def test_agrees_with_an_lstm_over_one_clip_at_a_time():
    network, batch = tiny("features").eval(), clips_for("features")
    for logits, x in zip(network(batch), batch.x.split(SIZES), strict=True):
        out, _ = network.lstm(x)
        assert torch.allclose(network.fc(torch.cat([out[-1, :10], out[0, 10:]])), logits, atol=1e-6)


@torch.no_grad()
@pytest.mark.parametrize("input", ["frames", "features"])
def test_the_order_of_frames_matters(input):
    network, batch = tiny(input).eval(), clips_for(input, (9,))
    expected, name = network(batch), "x" if input == "features" else "frames"
    batch[name] = batch[name].flip(0)
    assert not torch.allclose(network(batch), expected, atol=1e-4)


@VIEWS
def test_gradient_reaches_every_parameter(input):
    assert not without_gradient(tiny(input), clips_for(input))


@pytest.mark.parametrize("input", ["frames", "features"])
def test_overfits(input):
    assert overfits_within(tiny(input, dropout=0.2), clips_for(input, (2, 3, 1, 2, 4, 2, 1, 3)), lr=1e-2, steps=150)


def test_missing_input():
    with pytest.raises(BatchError, match="has no flow"):
        tiny("flow")(frame_batch(16))
    with pytest.raises(BatchError, match="has no x"):
        tiny("features")(frame_batch(16))
    batch = clips_for("features")
    batch.x = batch.x[:, :5]
    with pytest.raises(BatchError, match=r"must be \[num_nodes, 12\]"):
        tiny("features")(batch)

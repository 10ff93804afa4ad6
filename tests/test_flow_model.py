"""Models of optical flow, alone or beside frames."""

import pytest
import torch

from atm_gcn import ATMGCN, ATMGCNError, ModelConfig
from atm_gcn.building import check_output
from atm_gcn.encoders.views import FLOW_GAIN
from atm_gcn.errors import BatchError
from tests.clips import flow_batch, frame_batch
from tests.test_model import SMALL, MeanDifference, model_of

VIEWS = ["flow", "both"]


def batch_of(view, **settings):
    return flow_batch(frames=None if view == "flow" else 32, **settings)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("switch", [{}, {"use_gcn": False}, {"adaptive": False}])
def test_a_model_of_flow_learns(view, switch):
    model, batch = model_of(input=view, **switch), batch_of(view)
    torch.nn.functional.cross_entropy(model(batch), batch.y).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    assert all(channel.any() for channel in model.encoder.stem_in.weight.grad.transpose(0, 1))


@pytest.mark.parametrize("view", VIEWS)
def test_a_clip_alone_equals_the_clip_in_a_batch(view):
    model, batch = model_of(input=view).double().eval(), batch_of(view)
    together = model(batch)
    for index, clip in enumerate(batch.to_data_list()):
        assert torch.allclose(model(clip)[0], together[index], atol=1e-10)
    with torch.no_grad():
        assert torch.allclose(model(batch), together, atol=1e-10)


@pytest.mark.parametrize("view", VIEWS)
def test_a_saved_model_comes_back_whole(tmp_path, view):
    model, batch = model_of(input=view).eval(), batch_of(view)
    model.save_pretrained(tmp_path)
    again = ATMGCN.from_pretrained(tmp_path)
    assert again.config.input == view
    assert torch.equal(again(batch), model(batch))


def test_frames_are_not_read_by_a_model_of_flow():
    model, batch = model_of(input="flow").eval(), batch_of("both")
    expected = model(batch)
    del batch.frames, batch.onset_frame
    assert torch.equal(model(batch), expected)


def test_flow_is_not_read_by_a_model_of_frames():
    model, both = model_of().eval(), batch_of("both")
    both.flow = torch.full_like(both.flow, torch.nan)
    assert torch.equal(model(both), model(frame_batch()))


@pytest.mark.parametrize("view", VIEWS)
def test_features_take_the_place_of_flow(view):
    batch = batch_of(view)
    del batch.flow
    batch.x = torch.randn(10, 16)
    assert model_of(input=view)(batch).shape == (3, 3)


def test_a_custom_encoder_gets_flow_and_zeros():
    model = ATMGCN(ModelConfig(**SMALL, input="flow"), encoder=MeanDifference(16))
    batch = batch_of("flow")
    expected = model.encoder.lin(FLOW_GAIN * batch.flow.mean(dim=(2, 3)))
    torch.testing.assert_close(model.motion_features(batch), expected)


class ThreeChannels(torch.nn.Module):
    def __init__(self, channels=3):
        super().__init__()
        self.conv = torch.nn.Conv2d(channels, 16, 3)

    def forward(self, frames, onset_frames, pos):
        return self.conv(frames - onset_frames).mean(dim=(2, 3))


def test_an_encoder_of_too_few_channels_is_told_how_many_it_needs():
    config = ModelConfig(**SMALL, input="both")
    assert (config.in_channels, ModelConfig(**SMALL).in_channels, ModelConfig(**SMALL, input="flow").in_channels) == (
        6,
        3,
        3,
    )
    with pytest.raises(ATMGCNError, match=r"RuntimeError: .* with data\.view=both the encoder must take 6 channels"):
        check_output(ATMGCN(config, encoder=ThreeChannels()), batch_of("both"), 3)
    check_output(ATMGCN(config, encoder=ThreeChannels(config.in_channels)), batch_of("both"), 3)


@pytest.mark.parametrize(
    ("view", "removed", "message"),
    [
        ("flow", "flow", r"the batch has no flow; the model reads optical flow.*--set data.flow=dis"),
        ("both", "flow", r"the batch has no flow; the model reads optical flow"),
        ("both", "frames", "the batch has no frames; the model reads optical flow beside frames"),
        ("both", "onset_frame", "the batch has no onset_frame"),
    ],
)
def test_what_is_missing_is_named(view, removed, message):
    batch = batch_of(view)
    del batch[removed]
    with pytest.raises(BatchError, match=message):
        model_of(input=view)(batch)


def test_flow_of_another_shape_is_refused():
    batch = batch_of("flow")
    batch.flow = batch.flow[:, :2]
    with pytest.raises(BatchError, match=r"flow must be \[num_nodes, 3, H, W\], not \[10, 2, 28, 28\]"):
        model_of(input="flow")(batch)
    batch = batch_of("flow")
    batch.flow = batch.flow[:-1]
    with pytest.raises(BatchError, match="flow must have a row for each of the batch's 10 nodes, not 9"):
        model_of(input="flow")(batch)


@pytest.mark.parametrize("view", VIEWS)
def test_a_model_without_motion_reads_frames_alone(view):
    with pytest.raises(ValueError, match=f"use_motion must be true if input is '{view}'"):
        ModelConfig(input=view, use_motion=False)


def test_a_checkpoint_of_frames_is_no_model_of_flow(tmp_path):
    model_of().save_pretrained(tmp_path)
    state = ATMGCN.from_pretrained(tmp_path).state_dict()
    with pytest.raises(RuntimeError, match=r"encoder.stem_in.weight"):
        model_of(input="both").load_state_dict(state)
    with pytest.raises(ATMGCNError):
        model_of(input="flow")(frame_batch())


@pytest.mark.parametrize(
    ("view", "shown"), [("flow", {"flow_magnitude"}), ("both", {"flow_magnitude", "frame_difference"})]
)
def test_an_explanation_says_how_far_the_skin_moved(view, shown):
    model, batch = model_of(input=view), batch_of(view)
    explanation = model.explain(batch)
    given = {name for name in ("flow_magnitude", "frame_difference") if getattr(explanation, name) is not None}
    assert given == shown
    u, v = batch.flow[:, 0], batch.flow[:, 1]
    torch.testing.assert_close(explanation.flow_magnitude, (u**2 + v**2).sqrt().mean(dim=(1, 2)))
    parts = explanation.split()
    torch.testing.assert_close(torch.cat([part.flow_magnitude for part in parts]), explanation.flow_magnitude)
    assert len(explanation.attention_maps) == 2
    assert model_of().explain(frame_batch()).flow_magnitude is None

"""Frames, optical flow or both, as an encoder takes them."""

import pytest
import torch

from atm_gcn import MotionEncoder
from atm_gcn.encoders import encode_in_chunks, encoder_images, normalize_frames, normalize_onset
from atm_gcn.encoders.views import FLOW_GAIN, centered
from atm_gcn.errors import BatchError
from tests.clips import flow_batch
from tests.encoders.test_chunked import NARROW


def given(batch):
    return batch.frames, normalize_onset(batch.onset_frame), batch.flow, batch.batch


def test_flow_alone_stands_beside_zeros_that_take_no_memory():
    batch = flow_batch()
    images, references = encoder_images(None, None, batch.flow, batch.batch)
    assert torch.equal(images, FLOW_GAIN * batch.flow)
    assert references.shape == images.shape and not references.any()
    assert references.untyped_storage().nbytes() == 4


def test_the_channels_of_flow_follow_those_of_the_frame():
    batch = flow_batch(size=8, frames=8)
    images, references = encoder_images(*given(batch))
    assert torch.equal(images, torch.cat([normalize_frames(batch.frames), FLOW_GAIN * batch.flow], dim=1))
    onset = normalize_frames(batch.onset_frame)[batch.batch]
    assert torch.equal(references, torch.cat([onset, torch.zeros_like(batch.flow)], dim=1))


@pytest.mark.parametrize("size", [4, 7, 32])
def test_flow_takes_the_size_of_the_frames(size):
    batch = flow_batch(size=size, frames=16)
    batch.flow = torch.full_like(batch.flow, 0.7)
    images, _ = encoder_images(*given(batch))
    assert images.shape == (10, 6, 16, 16)
    torch.testing.assert_close(images[:, 3:], torch.full((10, 3, 16, 16), FLOW_GAIN * 0.7))


@pytest.mark.parametrize(
    ("value", "dtype", "message"),
    [
        (float("nan"), torch.float32, "flow holds values that are not finite"),
        (3, torch.uint8, "flow must be floating point, not uint8; .* flow_from_picture"),
    ],
)
def test_flow_that_no_model_can_read_is_refused(value, dtype, message):
    flow = torch.full((2, 3, 8, 8), value, dtype=dtype)
    with pytest.raises(BatchError, match=message):
        encoder_images(None, None, flow, torch.zeros(2, dtype=torch.int64))


@pytest.mark.parametrize("chunk", [1, 3, 99])
@pytest.mark.parametrize("frames", [None, 16])
def test_chunks_make_no_difference(frames, chunk):
    batch = flow_batch(size=12, frames=frames)
    encoder = MotionEncoder(20, 2, in_channels=3 if frames is None else 6, **NARROW).eval()
    raw = (None, None) if frames is None else (batch.frames, batch.onset_frame)
    images = encoder_images(raw[0], normalize_onset(raw[1]), batch.flow, batch.batch)
    whole = encoder(*images, batch.pos).detach()
    features = encode_in_chunks(encoder, *raw, batch.batch, batch.pos, chunk, flow=batch.flow)
    torch.testing.assert_close(features, whole, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("size", [8, 9, 28])
@pytest.mark.parametrize("num_blocks", [2, 4])
def test_small_pictures_fill_the_grid(size, num_blocks):
    encoder = MotionEncoder(10, num_blocks, (4, 4), (4, 4, 4, 4))
    flow = flow_batch(size=size).flow
    features = encoder(flow, torch.zeros_like(flow), torch.arange(2, 12))
    features.sum().backward()
    assert features.shape == (10, 10)
    assert all(p.grad.isfinite().all() for p in encoder.parameters())


def test_tiles_take_six_channels():
    torch.manual_seed(0)
    plain = MotionEncoder(10, 1, in_channels=6, **NARROW)
    tiled = MotionEncoder(10, 1, in_channels=6, **NARROW)
    tiled.load_state_dict(plain.state_dict())
    tiled.accelerate(checkpoint=True)
    images, references = encoder_images(*given(flow_batch(size=16, frames=16)))
    for encoder in (plain, tiled):
        encoder(images, references, torch.arange(2, 12)).square().sum().backward()
    for one, two in zip(plain.parameters(), tiled.parameters(), strict=True):
        torch.testing.assert_close(one.grad, two.grad, rtol=1e-3, atol=1e-4)


def test_a_movement_of_the_whole_picture_is_subtracted():
    batch = flow_batch()
    shared = torch.tensor([0.3, -0.2, 0.0])[:, None, None]
    images, _ = encoder_images(None, None, batch.flow + shared, batch.batch, center_flow=True)
    expected, _ = encoder_images(None, None, batch.flow, batch.batch, center_flow=True)
    torch.testing.assert_close(images, expected)
    assert torch.equal(images[:, 2], FLOW_GAIN * batch.flow[:, 2])  # strain stays
    assert not images[:, :2].flatten(2).median(dim=2).values.any()


def test_a_small_movement_in_a_still_picture_stays():
    flow = torch.zeros(1, 3, 8, 8)
    flow[0, 0, 2, 3] = 2.0
    assert torch.equal(centered(flow), flow)

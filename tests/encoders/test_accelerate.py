"""Every way to compute the encoder gives the same features, gradients and running statistics."""

import copy

import pytest
import torch

from atm_gcn import MotionEncoder
from atm_gcn.encoders.ca_block import ContinuousAttentionBlock
from atm_gcn.encoders.tiled import front as tiled_front

NARROW = {"stem_channels": (10, 8), "block_channels": (8, 8, 12, 16), "grid": 2}


def clips(count: int, dtype=torch.float64, seed: int = 0):
    generator = torch.Generator().manual_seed(seed)
    frames, onset = torch.randn(2, count, 3, 32, 24, generator=generator, dtype=dtype)
    return frames, onset, torch.arange(2, count + 2)


def trained(encoder, *batch):
    """Features, maps and gradients of one step, and the buffers after it."""
    features, maps = encoder.encode(*batch)
    total = (features * torch.linspace(-1, 1, features.size(1), dtype=features.dtype)).sum() + sum(
        (a * torch.linspace(0, 1, a.size(-1), dtype=a.dtype)).sum() for a in maps
    )
    total.backward()
    gradients = {name: parameter.grad for name, parameter in encoder.named_parameters()}
    return {"features": features.detach(), **gradients, **dict(encoder.named_buffers())}


def deviation(one, other) -> float:
    return max(
        float((one[name] - value).abs().max() / value.abs().max().clamp(min=1e-6)) for name, value in other.items()
    )


@pytest.mark.parametrize("num_blocks", [1, 2, 4])
@pytest.mark.parametrize("frames_a_tile", [1, 3, 100])
def test_checkpointing_changes_nothing(monkeypatch, num_blocks, frames_a_tile):
    encoder = MotionEncoder(6, num_blocks, **NARROW).double()
    monkeypatch.setitem(tiled_front.TILE_BYTES, "cpu", frames_a_tile * 10 * 16 * 12 * 8)
    plain = trained(copy.deepcopy(encoder).accelerate(channels_last=False), *clips(7))
    assert deviation(trained(copy.deepcopy(encoder).accelerate(checkpoint=True), *clips(7)), plain) < 1e-9


def test_statistics_move_once(monkeypatch):
    encoder = MotionEncoder(6, 3, **NARROW).accelerate(checkpoint=True)
    for _ in range(2):
        trained(encoder, *clips(5, torch.float32))
    counts = [buffer for name, buffer in encoder.named_buffers() if name.endswith("num_batches_tracked")]
    assert len(counts) == 14
    assert {int(count) for count in counts} == {2}


def test_gradients_of_frames_are_there_when_asked_for():
    encoder = MotionEncoder(6, 2, **NARROW).double()
    frames, onset, pos = clips(4)
    plain = torch.autograd.grad(encoder(frames.requires_grad_(), onset, pos).square().sum(), frames)[0]
    again = torch.autograd.grad(encoder.accelerate(checkpoint=True)(frames, onset, pos).square().sum(), frames)[0]
    torch.testing.assert_close(again, plain)


def test_of_equal_maxima_the_same_one_has_the_gradient():
    encoder = MotionEncoder(6, 1, **NARROW).double()
    _, onset, pos = clips(3)
    still = trained(copy.deepcopy(encoder).accelerate(), onset, onset, pos)
    assert deviation(trained(copy.deepcopy(encoder).accelerate(checkpoint=True), onset, onset, pos), still) < 1e-9


@pytest.mark.parametrize("checkpoint", [False, True])
def test_bfloat16_stays_near_float32(checkpoint):
    torch.manual_seed(0)
    encoder = MotionEncoder(16, 2, stem_channels=(36, 32), block_channels=(32, 48), grid=2)
    batch = clips(24, torch.float32)
    exact = trained(copy.deepcopy(encoder).accelerate(), *batch)
    lower = copy.deepcopy(encoder).accelerate(precision=torch.bfloat16, checkpoint=checkpoint)
    rounded = trained(lower, *batch)
    assert rounded["features"].dtype == torch.float32
    assert 1e-4 < (rounded["features"] - exact["features"]).norm() / exact["features"].norm() < 0.05
    one, other = (
        torch.cat([step[name].flatten() for name, _ in lower.named_parameters()]) for step in (rounded, exact)
    )
    assert (one - other).norm() / other.norm() < 0.2


def test_a_copy_computes_with_its_own_weights():
    encoder = MotionEncoder(6, 2, **NARROW).accelerate(checkpoint=True)
    other = copy.deepcopy(encoder)
    torch.nn.init.zeros_(other.proj.weight)
    batch = clips(3, torch.float32)
    assert torch.equal(other(*batch), other.proj.bias.expand(3, 6))
    assert not torch.equal(encoder(*batch), other(*batch))


def test_the_work_of_the_published_encoder():
    assert MotionEncoder(512, 4).cost(224).multiply_adds == 5_899_075_112  # 5.9 GMAC a frame


def test_no_other_block_is_tiled():
    assert sum(block.first for block in MotionEncoder(6, 4, **NARROW).blocks) == 1
    assert not ContinuousAttentionBlock(8, 8, stride=2).first


@pytest.mark.cuda
@pytest.mark.parametrize("checkpoint", [False, True])
@pytest.mark.parametrize(("precision", "tolerance"), [(torch.float32, 2e-2), (torch.bfloat16, 0.3)])
def test_a_gpu_computes_what_a_cpu_does(checkpoint, precision, tolerance):
    torch.manual_seed(0)
    encoder = MotionEncoder(16, 3, stem_channels=(36, 32), block_channels=(32, 48, 64), grid=2)
    frames, onset, pos = clips(6, torch.float32)
    exact = trained(copy.deepcopy(encoder), frames, onset, pos)
    there = copy.deepcopy(encoder).cuda().accelerate(precision, checkpoint=checkpoint)
    given = trained(there, frames.cuda(), onset.cuda(), pos.cuda())
    assert (given["features"].cpu() - exact["features"]).norm() < tolerance * exact["features"].norm()
    one, other = (
        torch.cat([step[n].flatten().cpu() for n, _ in encoder.named_parameters()]) for step in (given, exact)
    )
    assert (one - other).norm() < tolerance * other.norm()

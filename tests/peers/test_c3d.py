"""C3D: its size, and the frames that it reads."""

import pytest
import torch

from atm_gcn.encoders import normalize_frames
from atm_gcn.peers import build_peer
from atm_gcn.peers.c3d import C3D
from tests.clips import frame_batch
from tests.peers.network_checks import alone_and_batched, overfits_within, parameters_of, without_gradient

SIZES = (3, 1, 20)


def tiny(num_classes=3, **options):
    torch.manual_seed(0)
    return C3D(num_classes, **{"frames": 8, "widths": (4, 8, 8, 8, 8), **options})


def test_parameters():
    with torch.device("meta"):
        assert parameters_of(build_peer("c3d", 3)) == 735_091


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
@pytest.mark.parametrize(("size", "frames"), [(24, 16), (9, 5), (1, 1)])
def test_ragged_clips_of_any_size(size, frames, dtype):
    alone, batched = alone_and_batched(tiny(5, frames=frames), frame_batch(size, SIZES, dtype=dtype))
    assert batched.shape == (3, 5)
    assert torch.allclose(alone, batched, atol=1e-5)


def test_reads_differences_to_the_onset_at_even_distances():
    batch, network = frame_batch(8, SIZES), tiny(frames=5)
    movement = network.movement(batch)
    assert movement.shape == (3, 3, 5, 8, 8)
    first = int(batch.ptr[2])
    frames = normalize_frames(batch.frames[[first, first + 5, first + 10, first + 14, first + 19]])
    expected = frames - normalize_frames(batch.onset_frame[2])
    assert torch.allclose(movement[2].transpose(0, 1), expected, atol=1e-6)
    assert torch.equal(movement[1], movement[1][:, :1].expand_as(movement[1]))


@torch.no_grad()
def test_the_order_of_frames_matters():
    network, batch = tiny().eval(), frame_batch(16, (9,))
    expected = network(batch)
    batch.frames = batch.frames.flip(0)
    assert not torch.allclose(network(batch), expected, atol=1e-4)


def test_gradient_reaches_every_parameter():
    assert not without_gradient(tiny(), frame_batch(16, SIZES))


def test_overfits():
    assert overfits_within(tiny(dropout=0.2), frame_batch(16, (2, 3, 1, 2, 4, 2, 1, 3)), lr=1e-2, steps=150)

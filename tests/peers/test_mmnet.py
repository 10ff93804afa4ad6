"""MMNet: its size, what it reads, and the jitter of onset and apex."""

import pytest
import torch
from torch import nn
from torch_geometric.data import Batch, Data

from atm_gcn.peers import build_peer
from atm_gcn.peers._parts.frame_jitter import frames_at, jittered_places
from atm_gcn.peers._parts.transformer import TransformerBlock
from atm_gcn.peers.mmnet import MMNet
from tests.clips import frame_batch
from tests.peers.network_checks import (
    alone_and_batched,
    logits_with_other_nodes,
    overfits_within,
    parameters_of,
    without_gradient,
)

TINY = {"size": 32, "stem_channels": (8, 8), "block_channels": (8, 8, 8, 16)}


def tiny(num_classes=3, seed=0, **options):
    torch.manual_seed(seed)
    return MMNet(num_classes, **TINY, **options)


def test_parameters():
    with torch.device("meta"):
        five, three = build_peer("mmnet", 5), build_peer("mmnet", 3)
    assert (parameters_of(five), parameters_of(three)) == (9_438_841, 9_241_719)
    assert parameters_of(five.stem) + parameters_of(five.blocks) == 2_528_884
    assert five.fc.in_features == 100_352
    assert [block.drop_path for block in three.position.blocks] == pytest.approx([0, 0.15, 0.3])
    assert [block.drop_path for block in five.position.blocks] == [0, 0]


@pytest.mark.parametrize("num_classes", [3, 5])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_ragged_clips_of_any_size(num_classes, dtype):
    alone, batched = alone_and_batched(tiny(num_classes), frame_batch(40, dtype=dtype))
    assert batched.shape == (3, num_classes)
    assert torch.allclose(alone, batched, atol=1e-5)


def test_only_onset_and_apex_matter():
    network, batch = tiny(), frame_batch(32)
    before, after = logits_with_other_nodes(network, batch, "frames")
    assert torch.equal(before, after)
    batch.onset_frame = batch.onset_frame.flip(2)
    assert not torch.allclose(network(batch), before, atol=1e-3)
    apexes = zip(batch.frames[batch.global_index].split(1), batch.onset_frame.split(1), strict=True)
    first = torch.tensor([0])
    clips = [Data(frames=apex, onset_frame=onset, global_index=first, num_nodes=1) for apex, onset in apexes]
    assert torch.allclose(network(Batch.from_data_list(clips)), network(batch), atol=1e-6)


@pytest.mark.parametrize("num_classes", [3, 5])
def test_gradient_reaches_every_parameter(num_classes):
    assert not without_gradient(tiny(num_classes), frame_batch(32))


@pytest.mark.parametrize("num_classes", [3, 5])
def test_overfits(num_classes):
    assert overfits_within(tiny(num_classes), frame_batch(32, (2, 3, 1, 2, 4, 2, 1, 3)), lr=3e-3, steps=200)


def test_jitter_is_that_of_the_scripts():
    """160 frames to the apex, 80 after it: int(0.15 * 160 / 4) = 6, int(0.2 * 160 / 4) = 8, int(0.15 * 80 / 4) = 3."""
    torch.manual_seed(0)
    apex, last = torch.full((4000,), 160), torch.full((4000,), 240)
    share = 0.15 / 4
    onset, moved = jittered_places(apex, last, share, share, 0.0)
    assert set(onset.tolist()) == set(range(7)) and set(moved.tolist()) == set(range(154, 161))
    onset, moved = jittered_places(apex, last, share * 4 / 3, share, share)
    assert set(onset.tolist()) == set(range(9)) and set(moved.tolist()) == set(range(154, 164))
    short = torch.tensor([1, 26])
    assert [part.tolist() for part in jittered_places(short, short, share, share, share)] == [[0, 0], [1, 26]]


@pytest.mark.parametrize("num_classes", [3, 5])
def test_jitter_in_training_only_and_by_seed(num_classes):
    network = tiny(num_classes, jitter=0.4)
    clip = Data(frames=torch.zeros(30, 3, 8, 8), pos=torch.arange(2, 32), global_index=torch.tensor([19]), num_nodes=30)
    batch = Batch.from_data_list([clip] * 300)
    onset, apex = network.eval().places(batch)
    assert not onset.any() and (apex == 20).all()
    network.train()
    drawn = [(torch.manual_seed(seed), *network.places(batch))[1:] for seed in (1, 1, 2)]
    for again, first, other in zip(drawn[1], drawn[0], drawn[2], strict=True):
        assert torch.equal(again, first) and not torch.equal(other, first)
    onset, apex = drawn[0]
    assert (onset.min(), onset.max()) == (0, 10 if num_classes == 3 else 8)
    assert (apex.min(), apex.max()) == (12, 24 if num_classes == 3 else 20)
    network.jitter = 0.0
    assert not network.places(batch)[0].any()


def test_place_0_is_the_onset_frame():
    batch = frame_batch(8)
    first = batch.ptr[:-1]
    pictures = frames_at(batch, torch.tensor([0, 1, 6])) * 0.225 + 0.406  # of the blue channel
    given = [batch.onset_frame[0], batch.frames[first[1]], batch.frames[first[2] + 5]]
    assert torch.allclose(pictures[:, 2], torch.stack(given)[:, 2] / 255, atol=1e-5)


def test_stochastic_depth_leaves_out_sequences_in_training_only():
    torch.manual_seed(0)
    block, x = TransformerBlock(8, 2, drop_path=0.5), torch.randn(1, 5, 8).expand(2000, -1, -1)
    dropped = block.train()(x)
    unchanged = (dropped == x).all(dim=(1, 2)).float().mean()  # both parts left out
    assert abs(unchanged - 0.25) < 0.05
    nn.init.zeros_(block.mlp[2].weight)
    nn.init.zeros_(block.mlp[2].bias)
    assert torch.allclose(block(x).mean(0), block.eval()(x)[0], atol=0.1)


def test_a_size_that_the_blocks_do_not_halve_is_refused():
    with pytest.raises(ValueError, match="size must be a multiple of 16, not 40"):
        MMNet(3, size=40)

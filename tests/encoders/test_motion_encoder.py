from itertools import pairwise

import pytest
import torch

from atm_gcn import MotionEncoder
from atm_gcn.encoders import ContinuousAttentionBlock, normalize_frames, pair_with_onset, sinusoidal_position

NARROW = {"stem_channels": (10, 8), "block_channels": (8, 8, 12, 16), "grid": 2}


@pytest.fixture
def four_threads():
    """What oneDNN does differs with the number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(before)


def test_stem_and_four_blocks_have_the_published_number_of_parameters():
    encoder = MotionEncoder(512, num_blocks=4)
    assert sum(p.numel() for name, p in encoder.named_parameters() if not name.startswith("proj")) == 2_528_884
    assert encoder.proj.in_features == 512 * 7 * 7


@pytest.mark.parametrize("num_blocks", [1, 2, 3, 4])
def test_shapes_of_features_and_attention_maps(num_blocks):
    encoder = MotionEncoder(20, num_blocks, **NARROW)
    frames, pos = torch.randn(5, 3, 64, 48), torch.arange(2, 7)
    features, maps = encoder.encode(frames, torch.zeros_like(frames), pos)
    assert features.shape == (5, 20)
    halvings = [0, 1, 2, 3][:num_blocks]
    assert [tuple(m.shape) for m in maps] == [(5, 1, 32 >> k, 24 >> k) for k in halvings]
    assert all(((m >= 0) & (m <= 1)).all() for m in maps)


def test_attention_is_continued_from_block_to_block():
    encoder = MotionEncoder(20, 3, **NARROW).eval()
    frames = torch.randn(2, 3, 32, 32)
    maps = encoder.attention_maps(frames, torch.zeros_like(frames), torch.arange(2))
    for before, after in pairwise(maps):
        assert (after <= torch.nn.functional.max_pool2d(before, 3, 2, 1)).all()


def test_a_map_begins_by_attending_to_large_features():
    for seed in range(10):
        torch.manual_seed(seed)
        assert (ContinuousAttentionBlock(8, 8, 1, first=True).attention[0].weight > 0).all()


def test_only_the_difference_to_the_onset_counts():
    encoder = MotionEncoder(20, 2, **NARROW).double().eval()
    frames, onset, pos = torch.randn(4, 3, 32, 32).double(), torch.randn(4, 3, 32, 32).double(), torch.arange(4)
    same = encoder(frames + 0.5, onset + 0.5, pos)
    assert torch.allclose(encoder(frames, onset, pos), same, atol=1e-10)
    still = MotionEncoder(20, 2, use_motion=False, **NARROW).double().eval()
    assert torch.equal(still(frames, onset, pos), still(frames, frames, pos))


def test_position_reaches_the_features():
    encoder = MotionEncoder(20, 1, **NARROW).eval()
    frames = torch.zeros(3, 3, 32, 32)
    early, late, again = encoder(frames, frames, torch.tensor([2, 9, 2]))
    assert not torch.allclose(early, late)
    assert torch.equal(early, again)


def test_frames_of_different_clips_do_not_mix():
    encoder = MotionEncoder(20, 2, **NARROW).double().eval()
    frames, onset, pos = torch.randn(4, 3, 32, 32).double(), torch.randn(4, 3, 32, 32).double(), torch.arange(2, 6)
    together = encoder(frames, onset, pos)
    alone = torch.cat([encoder(frames[i : i + 1], onset[i : i + 1], pos[i : i + 1]) for i in range(4)])
    assert torch.allclose(together, alone, atol=1e-12)


def test_widths_that_fit_no_vector_register_train(four_threads):
    encoder = MotionEncoder(8, 2, stem_channels=(12, 12), block_channels=(12, 24))
    for count in range(100, 110):
        frames = torch.randn(count, 3, 96, 96)
        encoder(frames, frames[:1], torch.arange(count)).sum().backward()
    assert all(p.grad.isfinite().all() for p in encoder.parameters())


def test_first_block_keeps_channels_and_size():
    with pytest.raises(ValueError, match="the first block keeps"):
        ContinuousAttentionBlock(8, 16, stride=1, first=True)


def test_number_of_blocks_is_checked():
    with pytest.raises(ValueError, match=r"num_blocks must lie in 1\.\.4, not 5"):
        MotionEncoder(num_blocks=5)


@pytest.mark.parametrize("channels", [1, 7, 180])
def test_positions_are_bounded_and_distinct(channels):
    table = sinusoidal_position(torch.arange(200), channels)
    assert table.shape == (200, channels)
    assert (table.abs() <= 1).all()
    if channels > 1:
        assert torch.cdist(table, table).fill_diagonal_(1).min() > 1e-3


def test_normalisation_is_imagenets_for_bytes_and_floats():
    white = torch.full((1, 3, 2, 2), 255, dtype=torch.uint8)
    expected = torch.tensor([(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225])
    assert torch.allclose(normalize_frames(white)[0, :, 0, 0], expected)
    assert torch.allclose(normalize_frames(torch.ones(1, 3, 2, 2))[0, :, 0, 0], expected)


def test_pairing_repeats_each_clips_onset():
    onset = torch.arange(2.0).view(2, 1, 1, 1).expand(2, 3, 1, 1)
    assert pair_with_onset(onset, torch.tensor([0, 0, 1]))[:, 0, 0, 0].tolist() == [0, 0, 1]

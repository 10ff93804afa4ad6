"""HTNet: its size, its crops, and what its attention reaches."""

import pytest
import torch

from atm_gcn.errors import BatchError
from atm_gcn.peers import build_peer
from atm_gcn.peers._parts.face_areas import area_centres, face_areas
from atm_gcn.peers.htnet import HTNet, LocalTransformer
from tests.clips import flow_batch
from tests.peers.network_checks import (
    alone_and_batched,
    logits_with_other_nodes,
    overfits_within,
    parameters_of,
    without_gradient,
)

EDGES = [[0.1, 0.5], [0.9, 0.5], [0.5, 0.5], [0.5, 0.2], [0.5, 0.99]]


def tiny(**options):
    torch.manual_seed(0)
    return HTNet(3, **{"dim": 16, "block_repeats": (1, 1, 2), **options})


def with_landmarks(batch, seed=0):
    generator = torch.Generator().manual_seed(seed)
    batch.landmarks = torch.rand(len(batch.global_index), 5, 2, generator=generator)
    return batch


def test_parameters():
    with torch.device("meta"):
        assert parameters_of(build_peer("htnet", 3)) == 139_582_982
        assert parameters_of(HTNet(3, block_repeats=(2, 2, 8))) == 114_429_446
        network = HTNet(3)
    assert [level.blocks[0].heads for level in network.levels[::2]] == [3, 6, 12]
    assert network.levels[0].blocks[0].out.in_features == 255


@pytest.mark.parametrize("options", [{}, {"patch_size": 1}])
@pytest.mark.parametrize("size", [28, 41])
def test_ragged_clips_of_any_size(options, size):
    alone, batched = alone_and_batched(tiny(**options), flow_batch(size))
    assert batched.shape == (3, 3)
    assert torch.allclose(alone, batched, atol=1e-5)


def test_only_the_apex_matters():
    batch = with_landmarks(flow_batch())
    before, after = logits_with_other_nodes(tiny(), batch, "flow")
    assert torch.equal(before, after)
    assert not torch.allclose(tiny().eval()(with_landmarks(batch, seed=1)), before, atol=1e-3)


@pytest.mark.parametrize(("patch_size", "attends"), [(1, True), (7, False)])
def test_gradient_reaches_every_parameter_but_queries_and_keys_of_published_patches(patch_size, attends):
    network = tiny(patch_size=patch_size)
    assert without_gradient(network, flow_batch()) <= {"levels.4.places"}
    first, _, last = (level.places.grad.abs().max() for level in network.levels[::2])
    assert last < 1e-3 * first  # layer norms take away what is added to all channels; a convolution does not
    for level in network.levels[::2]:
        for block in level.blocks:
            query, key, value = block.qkv.weight.grad.chunk(3)
            share = torch.stack([query.norm(), key.norm()]) / value.norm()
            assert (share > 1e-4).all() if attends else (share < 1e-6).all()


def test_overfits():
    assert overfits_within(tiny(dim=24), flow_batch(sizes=(2, 3, 1, 2, 4, 2, 1, 3)), lr=1e-3, steps=200)


def test_attention_stays_within_its_square():
    torch.manual_seed(0)
    layer, x = LocalTransformer(6, 3, 2, squares=2, places=4), torch.randn(1, 4, 4, 6)
    changed = x.clone()
    changed[0, 0, 3] += torch.randn(6)
    moved = (layer(changed) != layer(x)).any(-1)[0]
    assert torch.equal(moved.nonzero(), torch.tensor([[0, 2], [0, 3], [1, 2], [1, 3]]))


def test_crops_lie_around_the_landmarks():
    batch = with_landmarks(flow_batch(sizes=(1, 1, 1, 1)))
    batch.landmarks[1] = torch.tensor(EDGES)
    centres = area_centres(batch.landmarks, 4, 28)
    assert centres.min() >= 7 and centres.max() <= 21
    assert centres[1].tolist() == [[7, 14], [21, 14], [14, 7], [14, 21]]
    areas = face_areas(batch.flow, centres)
    for clip in range(4):
        for area, corner in enumerate([(0, 0), (0, 14), (14, 0), (14, 14)]):
            x, y = centres[clip, area].tolist()
            expected = batch.flow[clip, :, y - 7 : y + 7, x - 7 : x + 7]
            top, left = corner
            assert torch.equal(areas[clip, :, top : top + 14, left : left + 14], expected)


def test_marks_at_the_landmarks_come_to_the_middle_of_each_area():
    landmarks = torch.tensor([[[0.30, 0.37], [0.70, 0.36], [0.5, 0.6], [0.35, 0.72], [0.66, 0.74]]])
    picture = torch.zeros(1, 1, 28, 28)
    pixels = (landmarks[0] * 28).long()
    picture[0, 0, pixels[:, 1], pixels[:, 0]] = torch.tensor([1.0, 2.0, 0.0, 3.0, 4.0])
    areas = face_areas(picture, area_centres(landmarks, 1, 28))[0, 0]
    assert areas[[7, 7, 21, 21], [7, 21, 7, 21]].tolist() == [1, 2, 3, 4]


def test_clips_without_landmarks_take_the_authors_places():
    usual = [[9, 11], [21, 10], [10, 21], [20, 21]]
    assert area_centres(None, 2, 28).tolist() == [usual, usual]
    landmarks = torch.tensor([EDGES, EDGES])
    landmarks[0, 2, 1] = torch.nan
    centres = area_centres(landmarks, 2, 28)
    assert centres[0].tolist() == usual and centres[1].tolist() != usual
    network, batch = tiny().eval(), flow_batch()
    expected = network(batch)
    batch.landmarks = torch.full((3, 5, 2), torch.nan)
    assert torch.equal(network(batch), expected)


def test_invalid_input():
    with pytest.raises(BatchError, match=r"landmarks must be \[2, 5, 2\]"):
        area_centres(torch.zeros(2, 10), 2, 28)
    with pytest.raises(ValueError, match="patch_size must divide 28 into a multiple of 4 patches, which 2 does not"):
        HTNet(3, patch_size=2)

import pytest
import torch
import torch.nn.functional as F

from atm_gcn.errors import BatchError
from atm_gcn.peers import build_peer
from atm_gcn.peers.bdcnn import cut_into_blocks, flow_pictures
from tests.peers.network_checks import check_gradients, check_logits, overfits, parameters_of, peer_batch


def test_number_of_parameters():
    assert parameters_of(build_peer("bdcnn", 3)) == 10_881_251


def test_logits():
    check_logits(build_peer("bdcnn", 3), peer_batch(40, (3, 1, 2)))


def test_every_parameter_learns():
    check_gradients(build_peer("bdcnn", 3), peer_batch())


def test_overfits():
    network = build_peer("bdcnn", 3)
    network.training_progress = 0.5
    assert overfits(network, peer_batch(32, (1,) * 8), steps=10, lr=5e-4)


def test_blocks_are_those_of_a_loop():
    pictures = torch.rand(2, 4, 3, 120, 120)
    blocks = cut_into_blocks(pictures)
    assert blocks.shape == (2, 4, 12, 12, 3, 10, 10)
    for row, column in [(0, 0), (3, 11), (11, 4)]:
        expected = pictures[..., 10 * row : 10 * row + 10, 10 * column : 10 * column + 10]
        assert torch.equal(blocks[:, :, row, column], expected)


def test_channels_are_ordered_by_picture_then_block():
    network, batch = build_peer("bdcnn", 3).eval(), peer_batch(120, (1, 1))
    seen = []
    network.conv2.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    network(batch)
    picture = (flow_pictures(batch.flow)[:, 2] - network.mean) / network.std
    block = F.relu(network.conv1(picture[..., 50:60, 70:80]))
    first = (2 * 144 + 5 * 12 + 7) * 8
    assert torch.allclose(seen[0][:, first : first + 8], F.max_pool2d(block, 3, 3, 1), atol=1e-5)


def test_pictures():
    flow = torch.randn(2, 3, 12, 12)
    pictures = flow_pictures(flow)
    assert pictures.shape == (2, 4, 3, 12, 12)
    assert torch.equal(pictures[:, :3, 0], pictures[:, :3, 2])
    to_the_right = flow_pictures(torch.stack([torch.rand(4, 4), torch.zeros(4, 4), torch.zeros(4, 4)])[None])[0, 3]
    assert to_the_right[2].max() > 254.9 and not to_the_right[:2].any(), "blue, green, red: a hue of 0 is red"


def test_training_adds_the_spread_of_the_class_as_training_goes_on():
    network, batch = build_peer("bdcnn", 3).train(), peer_batch()
    with torch.no_grad():
        plain = network(batch)
        assert torch.equal(plain, network.eval()(batch))
        network.train().training_progress = 1.0
        added = network(batch) - plain
    own = F.one_hot(batch.y, 3).bool()
    assert (added[own] == 0).all() and (added >= 0).all()
    assert network.isda.class_count.sum() == 6, "two batches of three clips"


def test_missing_classes_are_named():
    batch = peer_batch()
    del batch.y
    assert build_peer("bdcnn", 3).eval()(batch).shape == (3, 3)
    with pytest.raises(BatchError, match="the batch has no y, which the network reads"):
        build_peer("bdcnn", 3)(batch)

import pytest
import torch

from atm_gcn.errors import BatchError
from atm_gcn.peers import build_peer
from tests.peers.network_checks import check_gradients, check_logits, overfits, parameters_of, peer_batch


def test_number_of_parameters():
    assert parameters_of(build_peer("nmer", 3)) == 11_242_953


def test_logits():
    check_logits(build_peer("nmer", 3, side=64), peer_batch())


def test_upper_three_rows_of_seven_are_the_top():
    network = build_peer("nmer", 3).eval()
    features = torch.randn(1, 512, 7, 7)
    network.resnet.features = lambda pictures: features
    seen = []
    network.top.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    network.bottom.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    network(peer_batch(sizes=(1,)))
    assert torch.allclose(seen[0], features[:, :, :3].mean(dim=(2, 3)))
    assert torch.allclose(seen[1], features[:, :, 3:].mean(dim=(2, 3)))


def test_heads_in_training_mode():
    network, batch = build_peer("nmer", 3, dropout=0.0, side=64), peer_batch()
    assert network(batch).shape == (3, 3, 3)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
    assert torch.allclose(network(batch)[0], network.eval()(batch), atol=1e-5)


def test_every_parameter_learns():
    check_gradients(build_peer("nmer", 3, side=64), peer_batch())


def test_overfits():
    assert overfits(build_peer("nmer", 3, side=40), peer_batch(32, (1,) * 8), steps=8, lr=1e-3)


def test_small_pictures_are_refused():
    with pytest.raises(ValueError, match="side must be at least 33 pixels, not 32"):
        build_peer("nmer", 3, side=32)


def test_missing_flow_is_named():
    batch = peer_batch()
    del batch.flow
    with pytest.raises(BatchError, match="the batch has no flow, which the network reads"):
        build_peer("nmer", 3)(batch)

import pytest
import torch

from atm_gcn.errors import BatchError
from atm_gcn.peers import build_peer
from tests.peers.network_checks import check_gradients, check_logits, overfits, parameters_of, peer_batch


def test_number_of_parameters():
    assert parameters_of(build_peer("off-apexnet", 3)) == 2_664_475


def test_logits():
    check_logits(build_peer("off-apexnet", 3), peer_batch())
    check_logits(build_peer("off-apexnet", 5), peer_batch(28), 5)


def test_every_parameter_learns():
    check_gradients(build_peer("off-apexnet", 3), peer_batch())


def test_overfits():
    assert overfits(build_peer("off-apexnet", 3), peer_batch(28, (1,) * 8), steps=60, lr=3e-4)


def test_each_component_has_its_stream_and_strain_has_none():
    network, batch = build_peer("off-apexnet", 3).eval(), peer_batch(28)
    logits = network(batch)
    batch.flow[:, 2] = 0
    assert torch.equal(network(batch), logits)
    batch.flow = batch.flow[:, [1, 0, 2]]
    assert not torch.allclose(network(batch), logits)


def test_flow_counts_in_any_unit():
    network, batch = build_peer("off-apexnet", 3).eval(), peer_batch(28)
    logits = network(batch)
    batch.flow = 3 * batch.flow + 1
    assert torch.allclose(network(batch), logits, atol=1e-3)


def test_missing_flow_is_named():
    batch = peer_batch()
    del batch.flow
    with pytest.raises(BatchError, match="the batch has no flow, which the network reads"):
        build_peer("off-apexnet", 3)(batch)

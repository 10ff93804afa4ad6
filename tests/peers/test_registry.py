"""Every peer can be built, by any spelling of its name, and takes the batches that the package makes."""

from typing import get_args

import pytest
import torch

from atm_gcn.config import MODELS, AugmentConfig, OptimConfig, PeerConfig, RunConfig
from atm_gcn.errors import ATMGCNError
from atm_gcn.peers import PEERS, build_peer
from atm_gcn.peers.registry import PeerName, find_peer
from atm_gcn.training.settings import with_training_of_authors
from tests.peers.network_checks import peer_batch

LARGE = {"htnet", "mmnet"}  # built on the meta device only


def test_the_names_are_those_of_the_settings():
    assert set(PEERS) == set(get_args(PeerName)) == set(MODELS) - {"atm-gcn"}
    for name, peer in PEERS.items():
        config = RunConfig().override([f"model.name={name}"]).model
        assert isinstance(config, PeerConfig) and config.peer is peer
        assert peer.reads in (None, config.input)


@pytest.mark.parametrize("name", PEERS)
def test_it_is_built_without_memory_for_its_weights(name):
    with torch.device("meta"):
        network = build_peer(name, 5)
    assert next(network.parameters()).is_meta and network.__doc__


@pytest.mark.parametrize("name", sorted(PEERS.keys() - LARGE))
def test_it_returns_logits_of_every_clip(name):
    network = build_peer(name, 4).eval()
    with torch.no_grad():
        assert network(peer_batch()).shape == (3, 4)


@pytest.mark.parametrize("name", PEERS)
def test_the_training_of_its_authors_is_one_of_this_package(name):
    base, training = RunConfig.preset("demo"), PEERS[name].training
    train = with_training_of_authors(base, name).train
    if training is None:
        assert train == base.train
        return
    assert train.optim == OptimConfig(**training["optim"])
    assert train.augment == AugmentConfig(**training.get("augment", {}))


def test_names_are_found_in_any_spelling():
    assert find_peer("OFF_ApexNet") == find_peer("offapexnet") == "off-apexnet"
    with pytest.raises(
        ATMGCNError, match=r"a peer must be majority, .* or lstm, not 'ststne'; did you mean 'ststnet'\?"
    ):
        build_peer("ststne", 3)

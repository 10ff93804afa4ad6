import pytest
import torch

from atm_gcn.errors import ATMGCNError, BatchError
from atm_gcn.peers import build_peer
from atm_gcn.peers.frame_resnet import FrameResNet
from tests.peers.network_checks import check_gradients, check_logits, overfits, parameters_of, peer_batch

ALL = ["resnet-apex", "resnet-pair", "resnet-rgbd"]


@pytest.fixture
def weights(tmp_path):
    """A file as torchvision publishes it: for 1,000 classes, without the counters of batch norm."""
    network = FrameResNet(1000)
    for name, tensor in network.state_dict().items():
        if name.endswith("running_mean"):
            tensor.normal_()
    state = {name: tensor for name, tensor in network.state_dict().items() if "num_batches" not in name}
    torch.save(state, tmp_path / "resnet18.pth")
    return tmp_path / "resnet18.pth", state


@pytest.mark.parametrize(("name", "count"), [(ALL[0], 11_178_051), (ALL[1], 11_187_459), (ALL[2], 11_181_187)])
def test_number_of_parameters(name, count):
    assert parameters_of(build_peer(name, 3)) == count


@pytest.mark.parametrize("name", ALL)
def test_logits(name):
    check_logits(build_peer(name, 3), peer_batch())


@pytest.mark.parametrize("name", ALL)
def test_every_parameter_learns(name):
    check_gradients(build_peer(name, 3), peer_batch())


def test_overfits():
    assert overfits(build_peer("resnet-pair", 3), peer_batch(32, (1,) * 8), steps=8, lr=1e-3)


@pytest.mark.parametrize(("name", "attribute"), [("resnet-pair", "onset_frame"), ("resnet-rgbd", "depth")])
def test_each_picture_counts(name, attribute):
    network, batch = build_peer(name, 3).eval(), peer_batch()
    logits = network(batch)
    batch[attribute] = batch[attribute].flip(2)
    assert not torch.allclose(network(batch), logits)


@pytest.mark.parametrize(
    ("name", "attribute"),
    [("resnet-apex", "frames"), ("resnet-pair", "onset_frame"), ("resnet-rgbd", "depth")],
)
def test_missing_pictures_are_named(name, attribute):
    batch = peer_batch()
    del batch[attribute]
    with pytest.raises(BatchError, match=f"the batch has no {attribute}, which the network reads"):
        build_peer(name, 3)(batch)


def test_impossible_pictures_are_refused():
    batch = peer_batch()
    with pytest.raises(BatchError, match="depth must have the size of the frames: they are 32 x 32 and 16 x 32 pixels"):
        batch.depth = batch.depth[..., :16]
        build_peer("resnet-rgbd", 3)(batch)
    with pytest.raises(ValueError, match="frames must be apex, pair or depth, not 'onset'"):
        FrameResNet(3, "onset")


def test_weights_of_another_number_of_classes_leave_the_last_layer(weights):
    path, state = weights
    network = FrameResNet(3)
    last = network.fc.weight.clone()
    assert network.load_author_weights(path) is network and not network.training
    own = network.state_dict()
    assert all(torch.equal(own[name], state[name]) for name in state if not name.startswith("fc."))
    assert torch.equal(network.fc.weight, last)


def test_weights_of_the_same_number_of_classes_are_read_whole(weights):
    path, state = weights
    network = FrameResNet(1000).load_author_weights(path)
    assert torch.equal(network.fc.weight, state["fc.weight"])


def test_weights_of_other_pictures_are_refused(weights):
    expected = r"its tensor conv1.weight is \[64, 3, 7, 7\], not \[64, 6, 7, 7\]"
    with pytest.raises(ATMGCNError, match=expected):
        FrameResNet(3, "pair").load_author_weights(weights[0])

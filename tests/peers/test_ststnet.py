import pickle

import pytest
import torch

from atm_gcn.building import load_model
from atm_gcn.checkpoint import save_checkpoint
from atm_gcn.config import RunConfig
from atm_gcn.errors import ATMGCNError
from atm_gcn.peers import build_peer
from atm_gcn.peers._parts.flow_pictures import coloured_flow, drawn_flow
from tests.peers.network_checks import check_gradients, check_logits, overfits, parameters_of, peer_batch

AUTHORS = {
    f"branches.{number}.{part}": f"{name}{number + 1}" for number in range(3) for part, name in ((0, "conv"), (2, "bn"))
}


def authors_state(network):
    """The network's state dict under the names in the published code."""
    for norm in (module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)):
        norm.running_mean.normal_()
    return {
        AUTHORS.get(name.rpartition(".")[0], "fc") + "." + name.rpartition(".")[2]: tensor
        for name, tensor in network.state_dict().items()
        if name != "flow_is_drawn"
    }


class Code:
    def __reduce__(self):
        return print, ("this file ran code",)


def test_number_of_parameters():
    assert parameters_of(build_peer("ststnet", 3)) == 1_683


def test_logits():
    check_logits(build_peer("ststnet", 3), peer_batch())


def test_every_parameter_learns():
    check_gradients(build_peer("ststnet", 3), peer_batch())


def test_overfits():
    assert overfits(build_peer("ststnet", 3), peer_batch(28, (1,) * 8), steps=100, lr=1e-2)


def test_weights_of_the_authors(tmp_path):
    first, batch = build_peer("ststnet", 3), peer_batch(28)
    state = authors_state(first)
    assert {"conv1.weight", "bn3.running_var", "fc.bias"} <= state.keys()
    torch.save(state, tmp_path / "006.pth")
    second = build_peer("ststnet", 3).load_author_weights(tmp_path / "006.pth")
    assert not second.training
    logits = first.eval()(batch)
    assert not torch.allclose(second(batch), logits), "the package's flow is not a picture"
    pictures = batch.clone()
    pictures.flow = drawn_flow(batch.flow).flip(1)
    assert torch.allclose(second(pictures), logits, atol=1e-5)
    second.flow_is_drawn.fill_(False)
    assert torch.allclose(second(batch), logits, atol=1e-5)


def test_what_the_weights_read_survives_saving(tmp_path):
    torch.save(authors_state(build_peer("ststnet", 3)), tmp_path / "006.pth")
    network, batch = build_peer("ststnet", 3).load_author_weights(tmp_path / "006.pth"), peer_batch(28)
    config = RunConfig().override(["model.name=ststnet", "model.num_classes=3"]).model
    save_checkpoint(tmp_path / "model", network.state_dict(), config)
    assert torch.equal(load_model(tmp_path / "model").model(batch), network(batch))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({"conv1.weight": torch.zeros(3, 3, 3, 3)}, "does not fit STSTNet: its tensor conv1.bias is absent"),
        ([1, 2], "holds no weights by name"),
        (Code(), "holds no weights"),
    ],
)
def test_other_files_are_refused(tmp_path, capsys, content, error):
    torch.save(content, tmp_path / "other.pth")
    with pytest.raises(ATMGCNError, match=error):
        build_peer("ststnet", 3).load_author_weights(tmp_path / "other.pth")
    assert capsys.readouterr().out == ""


def test_weights_of_other_shapes_are_refused(tmp_path):
    torch.save(authors_state(build_peer("ststnet", 5)), tmp_path / "five.pth")
    with pytest.raises(ATMGCNError, match=r"its tensor fc.bias is \[5\], not \[3\]; give a state dict"):
        build_peer("ststnet", 3).load_author_weights(tmp_path / "five.pth")
    state = authors_state(build_peer("ststnet", 3))
    state["fc.bias"][0] = float("nan")
    torch.save(state, tmp_path / "nan.pth")
    with pytest.raises(ATMGCNError, match=r"its tensor fc.bias holds NaN or infinity"):
        build_peer("ststnet", 3).load_author_weights(tmp_path / "nan.pth")


@pytest.mark.parametrize("dtype", [torch.int32, torch.complex64])
def test_weights_of_other_types_are_refused(tmp_path, dtype):
    state = authors_state(build_peer("ststnet", 3))
    state["fc.bias"] = torch.zeros(3, dtype=dtype)
    torch.save(state, tmp_path / "other.pth")
    with pytest.raises(ATMGCNError, match=rf"its tensor fc.bias holds {str(dtype)[6:]}, not float32"):
        build_peer("ststnet", 3).load_author_weights(tmp_path / "other.pth")


def test_a_state_dict_may_lie_in_a_checkpoint(tmp_path):
    state = authors_state(build_peer("ststnet", 3))
    torch.save({"epoch": 800, "state_dict": state}, tmp_path / "checkpoint.pth")
    network = build_peer("ststnet", 3).load_author_weights(tmp_path / "checkpoint.pth")
    assert torch.equal(network.fc.bias, state["fc.bias"])


@pytest.mark.parametrize("content", [b"", b"no weights", pickle.dumps(Code(), 2)], ids=["empty", "text", "code"])
def test_files_of_other_kinds_are_refused(tmp_path, capsys, content):
    (tmp_path / "other.pth").write_bytes(content)
    with pytest.raises(ATMGCNError, match=r"other.pth: holds no weights that can be read") as caught:
        build_peer("ststnet", 3).load_author_weights(tmp_path / "other.pth")
    assert "\n" not in str(caught.value) and capsys.readouterr().out == ""


def test_a_file_that_is_absent(tmp_path):
    with pytest.raises(ATMGCNError, match="cannot be read"):
        build_peer("ststnet", 3).load_author_weights(tmp_path / "none.pth")


def test_drawn_flow_is_stretched_over_each_picture():
    flow = torch.randn(2, 3, 5, 7)
    flow[1, 2] = 4.0
    drawn = drawn_flow(flow)
    assert torch.equal(drawn[0].amin((1, 2)), torch.zeros(3)) and torch.allclose(
        drawn[0].amax((1, 2)), torch.tensor(255.0)
    )
    assert not drawn[1, 2].any(), "a channel that is constant"
    assert torch.allclose(drawn_flow(3 * flow - 2), drawn, atol=1e-3)


def test_coloured_flow():
    u, v = [1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 0.5, 0.0]
    red, cyan, half, black = coloured_flow(torch.tensor([u, v])[None, :, None])[0, :, 0].t()
    assert torch.allclose(red, torch.tensor([255.0, 0, 0]), atol=1e-3)
    assert torch.allclose(cyan, torch.tensor([0, 255.0, 255]), atol=1e-3)
    assert torch.allclose(half.amax(), torch.tensor(127.5)) and not black.any()

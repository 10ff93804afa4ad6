"""The state of a training that somebody made up, its digest right, is refused in one sentence."""

import json
import math

import pytest
import torch
from safetensors.torch import load_file, save_file

from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.files.tensors import KEY, _digest, read_tensors
from atm_gcn.training.loop.checkpointing import CheckpointManager
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.loop.state import FORMAT
from atm_gcn.training.preflight import resolve
from atm_gcn.training.results.layout import STATE
from tests.runs import tiny_config


@pytest.fixture(scope="module")
def config(store):
    asked = tiny_config(epochs=3, save_every=1)
    return resolve(asked, asked, store)


@pytest.fixture(scope="module")
def left(store, config, tmp_path_factory):
    """File of the state after the first step of the second epoch."""
    folder, answers = tmp_path_factory.mktemp("left"), iter([False, False, True])
    with pytest.raises(Interrupted):
        train_fold(config, store, "tiny/s1", checkpoints=CheckpointManager(folder, 1, lambda: next(answers)))
    return folder / STATE


def forge(left, folder, change):
    tensors, header = load_file(left), read_tensors(left, "state", "", FORMAT)[1]
    change(header, tensors)
    text = json.dumps(header | {"sha256": _digest(header, tensors)})
    save_file(tensors, folder / STATE, {KEY: text})


FORGED = {
    "epoch": (lambda header, _: header["place"].update(epoch=-5), "its epoch is -5"),
    "text": (lambda header, _: header["place"].update(epoch="x"), "its epoch is 'x'"),
    "step": (lambda header, _: header["place"].update(step=10**9), "its step is 1000000000"),
    "seconds": (lambda header, _: header["place"].update(seconds=math.nan), "its times are no numbers"),
    "log": (lambda header, _: header["place"].update(log=[]), "its log has other epochs"),
    "record": (lambda header, _: header["place"]["log"][0].update(loss="low"), "its log of epoch 1 holds what"),
    "rate": (lambda header, _: header["groups"][0].update(lr=math.inf), "its optimiser's lr is inf"),
    "betas": (lambda header, _: header["groups"][0].update(betas=[0.9, 1e300]), "its optimiser's betas is "),
    "kernel": (lambda header, _: header["groups"][0].update(fused="fast"), "its optimiser's fused is 'fast'"),
    "method": (lambda header, _: header["schedule"].update(step=3), "its schedule has other entries"),
    "slot": (lambda _, tensors: tensors.pop("optimizer.0.exp_avg"), "its optimiser lacks tensors"),
    "count": (lambda _, tensors: tensors["optimizer.0.step"].zero_(), "optimizer.0.step holds what no training writes"),
    "squares": (lambda _, tensors: tensors["optimizer.0.exp_avg_sq"].sub_(9), "optimizer.0.exp_avg_sq holds what"),
    "totals": (lambda _, tensors: tensors.update({"totals.loss": torch.zeros(5)}), "totals.loss is no finite number"),
    "mean": (lambda _, tensors: tensors.update({"mean.x": torch.zeros(5)}), "the mean of its weights has other"),
    "best": (lambda _, tensors: tensors.update({"best.x": torch.zeros(5)}), "its best model has other tensors"),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_no_training_wrote(left, store, config, tmp_path, name):
    change, said = FORGED[name]
    forge(left, tmp_path, change)
    with pytest.raises(ATMGCNError, match=rf"state\.safetensors: does not fit the model \({said}.*\); delete it"):
        train_fold(config, store, "tiny/s1", checkpoints=CheckpointManager(tmp_path, 1))


def test_the_state_of_a_version_without_the_fused_kernel_goes_on_without_it(left, store, config, tmp_path):
    forge(left, tmp_path, lambda header, _: header["groups"][0].update(fused=None))
    found = train_fold(config, store, "tiny/s1", checkpoints=CheckpointManager(tmp_path, 1))
    expected = train_fold(config, store, "tiny/s1")
    for name, tensor in expected.state_dict.items():
        # The kernels round differently, and Adam divides small gradients by their size.
        torch.testing.assert_close(found.state_dict[name], tensor, atol=1e-3, rtol=1e-2)


def test_what_a_training_wrote(left, store, config, tmp_path):
    forge(left, tmp_path, lambda header, tensors: None)
    resumed = train_fold(config, store, "tiny/s1", checkpoints=CheckpointManager(tmp_path, 1))
    whole = train_fold(config, store, "tiny/s1")
    assert torch.equal(resumed.probabilities, whole.probabilities)

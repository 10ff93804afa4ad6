"""What is saved is read back; what is damaged, foreign or of another version is refused in one sentence."""

import json
import os

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from atm_gcn import ModelConfig
from atm_gcn.checkpoint import load_checkpoint, save_checkpoint
from atm_gcn.errors import ATMGCNError

CONFIG = ModelConfig(num_classes=2, class_names=["no", "yes"], window=3)
METADATA = {"data": {"size": 96}, "held_out": "casme2/sub01"}


@pytest.fixture
def state():
    shared = torch.randn(4, 3)
    return {"a": shared, "a.t": shared.t(), "half": torch.randn(5).bfloat16(), "count": torch.tensor(3)}


@pytest.fixture
def path(tmp_path, state):
    save_checkpoint(tmp_path / "model.safetensors", state, CONFIG, METADATA)
    return tmp_path / "model.safetensors"


def test_what_is_saved_is_read_back(path, state):
    tensors, config, metadata = load_checkpoint(path)
    assert (config, metadata) == (CONFIG, METADATA)
    assert tensors.keys() == state.keys()
    assert all(torch.equal(tensors[name], state[name]) and tensors[name].dtype == state[name].dtype for name in state)


def test_a_folder_stands_for_the_file_in_it(tmp_path, path, state):
    assert load_checkpoint(tmp_path)[1] == CONFIG
    save_checkpoint(tmp_path / "other", state, CONFIG)
    assert (tmp_path / "other" / "model.safetensors").is_file()


def test_equal_models_give_equal_bytes(path, tmp_path, state):
    save_checkpoint(tmp_path / "again.safetensors", state, CONFIG, METADATA)
    assert path.read_bytes() == (tmp_path / "again.safetensors").read_bytes()


def test_nothing_else_is_left_in_the_folder(path):
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_others_can_read_it_as_the_umask_says(tmp_path, state):
    before = os.umask(0o027)
    try:
        save_checkpoint(tmp_path, state, ModelConfig(num_classes=3))
    finally:
        os.umask(before)
    assert (tmp_path / "model.safetensors").stat().st_mode & 0o777 == 0o640


def test_a_failed_write_keeps_the_earlier_file(path, state):
    before = path.read_bytes()
    with pytest.raises(TypeError):
        save_checkpoint(path, state, CONFIG, {"not": {"JSON"}})
    assert path.read_bytes() == before
    test_nothing_else_is_left_in_the_folder(path)


@pytest.mark.parametrize("keep", [0, 7, 100, -1])
def test_a_truncated_file_is_refused(path, keep):
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ATMGCNError, match=r"model\.safetensors: is damaged or no safetensors file"):
        load_checkpoint(path)


def test_a_changed_weight_is_refused(path):
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(ATMGCNError, match="not what was saved"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda header: header["model"].update(window=1), "not what was saved"),
        (lambda header: header.update(format=2), "format version 2, this atm_gcn reads 1"),
        (lambda header: header["model"].update(shape="round"), "not what was saved"),
        (lambda header: header.pop("format"), "header is damaged"),
    ],
)
def test_a_changed_header_is_refused(path, change, message):
    with safe_open(path, "pt") as file:
        header = json.loads(file.metadata()["atm_gcn"])
    change(header)
    save_file(load_checkpoint(path)[0], path, {"atm_gcn": json.dumps(header)})
    with pytest.raises(ATMGCNError, match=message):
        load_checkpoint(path)


def test_foreign_files_are_refused(tmp_path):
    save_file({"a": torch.ones(2)}, tmp_path / "foreign.safetensors")
    with pytest.raises(ATMGCNError, match="no model saved by atm_gcn"):
        load_checkpoint(tmp_path / "foreign.safetensors")
    torch.save({"a": torch.ones(2)}, tmp_path / "pickle.pt")
    with pytest.raises(ATMGCNError, match="no safetensors file"):
        load_checkpoint(tmp_path / "pickle.pt")
    with pytest.raises(ATMGCNError, match="there is no such file"):
        load_checkpoint(tmp_path / "absent.safetensors")
    with pytest.raises(ATMGCNError, match=r"holds no model\.safetensors"):
        load_checkpoint(tmp_path)


def test_a_run_folder_is_no_single_model(tmp_path, state):
    for subject in ("s1", "s2"):
        save_checkpoint(tmp_path / "folds" / subject, state, CONFIG)
    with pytest.raises(ATMGCNError, match="is the folder of a run, with one model per fold; name one of their folders"):
        load_checkpoint(tmp_path)

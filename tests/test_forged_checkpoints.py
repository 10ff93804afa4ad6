"""A checkpoint that somebody made up, its digest right, is refused in one sentence before it costs anything."""

import json
import math
import struct

import pytest
import torch
from safetensors.torch import save_file

from atm_gcn import ATMGCN
from atm_gcn.checkpoint import load_checkpoint, save_checkpoint
from atm_gcn.config import ModelConfig
from atm_gcn.errors import ATMGCNError
from atm_gcn.explain import explain_recording
from atm_gcn.files.tensors import KEY, MAX_HEADER_BYTES, _digest
from atm_gcn.inference.ensemble import Ensemble, data_of
from tests.runs import tiny_config, write_clip

CONFIG = tiny_config().merge({"model": {"num_classes": 2, "class_names": ["no", "yes"]}}).model


@pytest.fixture(scope="module")
def state():
    return ATMGCN(CONFIG).state_dict()


@pytest.fixture
def forged(tmp_path):
    """Writes a file whose digest fits whatever it says."""

    def write(state, model=None, metadata=None, text=None):
        header = {"format": 1, "model": CONFIG.model_dump(mode="json") | (model or {}), "metadata": metadata or {}}
        tensors = {name: tensor.contiguous() for name, tensor in state.items()}
        text = text or json.dumps(header | {"sha256": _digest(header, tensors)})
        save_file(tensors, tmp_path / "model.safetensors", {KEY: text})
        return tmp_path / "model.safetensors"

    return write


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ({"num_layers": 1_000_000}, "its configuration: num_layers must be from 1 to 256, not 1000000"),
        ({"num_layers": 256}, "its graph does not match TMGCNStack of these sizes"),
        ({"hidden_channels": 16_384}, "its weights do not fit its own configuration; the file was altered"),
        (
            {"stem_channels": [16_384, 16_384], "block_channels": [16_384] * 4},
            "its encoder does not match MotionEncoder of",
        ),
        ({"window": 1024}, "its graph does not match TMGCNStack of these sizes"),
        ({"window": 1_000_000}, "its configuration: window must be from 1 to 1,024, not 1000000"),
        ({"class_names": ["yes", "yes"]}, "its configuration: class_names must have different names"),
        ({"class_names": ["yes"]}, "its configuration: class_names must have num_classes, 2, names, not 1"),
        ({"num_classes": 3, "class_names": None}, "its readout does not match AttentionReadout of these sizes"),
        ({"num_classes": None, "class_names": None}, "its header is damaged"),
        ({"tau": math.nan}, "its configuration: tau must be at least 0.001, not nan"),
        ({"lambda_local": math.inf}, "its configuration: lambda_local must be a finite number"),
        ({"block_channels": [8, 4, 4, 4]}, "its configuration: block_channels must begin with the second of"),
        ({"encoder": "os.system"}, "its configuration: unknown key 'encoder'"),
    ],
)
def test_sizes_that_the_tensors_do_not_have(forged, state, model, said):
    path = forged(state, model)
    with pytest.raises(ATMGCNError) as error:
        ATMGCN.from_pretrained(path)
    assert str(error.value).startswith(f"{path}: {said}") and "\n" not in str(error.value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_weight_that_is_no_number_is_named(forged, state, value):
    weight = state["readout.classifier.weight"].clone()
    weight[1, 2] = value
    with pytest.raises(ATMGCNError, match=r"its tensor 'readout\.classifier\.weight' holds values that are no finite"):
        load_checkpoint(forged(state | {"readout.classifier.weight": weight}))


def test_a_variance_below_zero_is_named(forged, state):
    name = "encoder.norm.running_var"
    with pytest.raises(ATMGCNError, match=r"its tensor 'encoder\.norm\.running_var' holds negative variances"):
        load_checkpoint(forged(state | {name: -state[name]}))


def test_weights_out_of_all_range_predict_nothing(forged, state, tmp_path):
    huge = {name: torch.full_like(tensor, 3e38) for name, tensor in state.items() if name.startswith("readout.")}
    clip = data_of(torch.arange(4 * 32 * 32 * 3).reshape(4, 32, 32, 3).byte().numpy(), 2, [1, 2, 3, 4])
    with pytest.raises(ATMGCNError, match="the model gives no finite probabilities"):
        Ensemble.open(forged(state | huge)).predict([clip], torch.device("cpu"))
    recording = write_clip(tmp_path / "clip", "down", 0)
    with pytest.raises(ATMGCNError, match="the model gives no finite probabilities"):
        explain_recording(forged(state | huge), recording, torch.device("cpu"))


def test_types_that_no_model_has(forged, state):
    name = "readout.classifier.bias"
    with pytest.raises(ATMGCNError, match=r"its tensor 'readout\.classifier\.bias' is torch\.complex64"):
        load_checkpoint(forged(state | {name: state[name].to(torch.complex64)}))
    with pytest.raises(ATMGCNError, match="its readout does not match AttentionReadout of"):
        ATMGCN.from_pretrained(forged(state | {name: state[name].to(torch.int64)}))
    beyond_float32 = torch.full_like(state[name], 1e300, dtype=torch.float64)
    with pytest.raises(ATMGCNError, match=r"its tensor 'readout\.classifier\.bias' holds values that are no finite"):
        ATMGCN.from_pretrained(forged(state | {name: beyond_float32}))


@pytest.mark.parametrize(
    "content", ["[" * 100_000, '{"a":' * 100_000, "{}", "[]", "3", '{"format": 1, "a": "\\ud800"}']
)
def test_a_header_that_is_no_header(forged, state, content):
    with pytest.raises(ATMGCNError, match="its header is damaged"):
        load_checkpoint(forged(state, text=content))


def test_a_header_that_nests_deeper_than_anybody_reads(forged, state):
    inner = []
    for _ in range(100):
        inner = [inner]
    with pytest.raises(ATMGCNError, match="its header is damaged"):
        load_checkpoint(forged(state, metadata={"more": inner}))


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"data": []}, r"its metadata's data is \[\], which no training wrote"),
        ({"held_out": 3}, "its metadata's held_out is 3, which no training wrote"),
        ({"data": {"size": 1e9}}, "its data settings: size must be from 16 to 2,048, not 1000000000.0"),
        ({"data": {"fps": math.nan}}, "its data settings: fps must be a finite number"),
        ({"data": {"shape": 1}}, "its data settings: unknown key 'shape'"),
    ],
)
def test_metadata_that_do_not_fit(forged, state, metadata, said):
    with pytest.raises(ATMGCNError, match=rf"model\.safetensors: {said}"):
        Ensemble.open(forged(state, metadata=metadata))


def test_a_header_longer_than_any_is_not_read(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(struct.pack("<Q", MAX_HEADER_BYTES + 1) + b"{}")
    with pytest.raises(ATMGCNError, match="is damaged or no safetensors file"):
        load_checkpoint(path)
    with pytest.raises(ATMGCNError, match="its metadata would take"):
        save_checkpoint(path, {}, ModelConfig(num_classes=2), {"text": "x" * MAX_HEADER_BYTES})

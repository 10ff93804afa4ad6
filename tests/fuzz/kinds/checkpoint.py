"""A checkpoint: damaged bytes, and forged ones whose digest is right."""

import json
import struct
from pathlib import Path
from random import Random
from typing import Any

import torch
from safetensors.torch import load, save

from atm_gcn import ATMGCN
from atm_gcn.files.tensors import _digest
from atm_gcn.inference.ensemble import Ensemble, data_of
from atm_gcn.inference.model_info import describe_model
from tests.fuzz.mutators import changed_bytes, changed_json, hostile, json_text
from tests.runs import CLASSES, SIZE, tiny_config

FILE = "model.safetensors"
CLIP = data_of(
    (torch.arange(6 * SIZE * SIZE * 3) % 251).to(torch.uint8).reshape(6, SIZE, SIZE, 3).numpy(), 3, range(1, 7)
)


class Checkpoint:
    """Read by ``info`` and by a prediction."""

    def make(self, folder: Path) -> None:
        config = tiny_config().merge({"model": {"num_classes": 3, "class_names": list(CLASSES)}})
        torch.manual_seed(0)
        model = ATMGCN(config.model)
        model.save_pretrained(folder / FILE)

    def mutate(self, rng: Random, folder: Path) -> bool:
        file = folder / FILE
        data = file.read_bytes()
        size = struct.unpack("<Q", data[:8])[0]
        header, body = json.loads(data[8 : 8 + size]), data[8 + size :]
        match rng.randrange(6):
            case 0 | 1:
                file.write_bytes(changed_bytes(rng, data))
                return False
            case 2:
                file.write_bytes(_packed(changed_json(rng, header), body))
                return False
            case 3:
                entry = header[rng.choice([name for name in header if name != "__metadata__"])]
                key = rng.choice(("data_offsets", "shape", "dtype"))
                entry[key] = rng.choice(("F64", "BOOL", "X", [0, 2**40], [2**62, 4], [-1], [], [1, 1, 1], hostile(rng)))
                file.write_bytes(_packed(header, body))
                return False
            case 4:
                file.write_bytes(_with_other_tensors(rng, data, header))
                return True
            case _:
                content = json.loads(header["__metadata__"]["atm_gcn"])
                part = rng.choice(("model", "metadata"))
                content[part] = changed_json(rng, content[part])
                header["__metadata__"]["atm_gcn"] = json_text(rng, _signed(content, load(data)))
                file.write_bytes(_packed(header, body))
                return True

    def read(self, folder: Path) -> Any:
        known = describe_model(folder / FILE)
        text = json.dumps(known)
        text.encode()
        ensemble = Ensemble.open(folder / FILE)
        probabilities = ensemble.predict([CLIP], torch.device("cpu"))
        assert probabilities.isfinite().all()
        return ensemble.class_names, known["model"], probabilities.tolist()


KIND = Checkpoint()


def _packed(header: Any, body: bytes) -> bytes:
    text = json.dumps(header).encode("utf-8", "surrogatepass")
    return struct.pack("<Q", len(text)) + text + body


def _signed(content: dict[str, Any], tensors: dict[str, torch.Tensor]) -> dict[str, Any]:
    content = {key: value for key, value in content.items() if key != "sha256"}
    return content | {"sha256": _digest(content, tensors)}


def _with_other_tensors(rng: Random, data: bytes, header: dict[str, Any]) -> bytes:
    tensors = load(data)
    for _ in range(rng.choice((1, 2))):
        name = rng.choice(list(tensors))
        tensor = tensors[name]
        match rng.randrange(5):
            case 0:
                del tensors[name]
            case 1:
                tensors[rng.choice(("graph.convs.9.x", "x", "\n"))] = tensors.pop(name)
            case 2:
                tensors[name] = torch.zeros(rng.choice(((0,), (5,), (2, 0), (100_000,))))
            case 3:
                tensors[name] = tensor.to(rng.choice((torch.float64, torch.float16, torch.int64, torch.complex64)))
            case _ if tensor.is_floating_point() and tensor.numel():
                tensor.view(-1)[rng.randrange(tensor.numel())] = rng.choice((torch.nan, torch.inf, 3e38, -3e38, 1e-45))
    content = _signed(json.loads(header["__metadata__"]["atm_gcn"]), tensors)
    return save(tensors, {"atm_gcn": json.dumps(content)})

"""Tensors and a JSON object in one safetensors file, with a digest of both: nothing in such a file could run.

The header's key ``atm_gcn`` is the JSON object; its ``format`` is the version of the layout, its ``sha256`` the digest
of the rest and of the tensors, which tells an altered file from a sound one.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from atm_gcn.errors import ATMGCNError
from atm_gcn.files import write_bytes

KEY = "atm_gcn"


def write_tensors(path: Path, tensors: dict[str, Tensor], header: dict[str, Any]) -> None:
    """Write a file, whole or not at all. Equal content gives equal bytes.

    Args:
        path: An earlier file is replaced.
        tensors: By name, on any device.
        header: JSON-serialisable, with a ``format``.

    Raises:
        ATMGCNError: If the file cannot be written.
    """
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    text = json.dumps(header | {"sha256": _digest(header, tensors)}, sort_keys=True)
    write_bytes(path, save(tensors, {KEY: text}))  # its own way to a file makes one that only its owner can read


def read_tensors(path: Path, what: str, mend: str, version: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what :func:`write_tensors` wrote, onto the CPU.

    Args:
        path: The file.
        what: What it should be, for an error: ``"model"``.
        mend: What to do about a damaged one, for an error.
        version: The ``format`` that the caller knows.

    Raises:
        ATMGCNError: If there is no such file, or it is damaged, foreign or of another format version.
    """
    tensors, text = _read(path)
    if text is None:
        raise ATMGCNError(f"{path}: is a safetensors file, but no {what} saved by atm_gcn")
    try:
        header = json.loads(text)
        found = header["format"]
    except (ValueError, TypeError, KeyError) as error:
        raise ATMGCNError(f"{path}: its header is damaged; {mend}") from error
    if found != version:
        raise ATMGCNError(
            f"{path}: has format version {found}, this atm_gcn reads {version}; install the one that wrote it"
        )
    if header.pop("sha256", None) != _digest(header, tensors):
        raise ATMGCNError(f"{path}: its content is not what was saved; {mend}")
    return tensors, header


def _read(path: Path) -> tuple[dict[str, Tensor], str | None]:
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, (file.metadata() or {}).get(KEY)  # noqa: SIM118
    except FileNotFoundError as error:
        raise ATMGCNError(f"{path}: there is no such file; name a checkpoint or the folder of a run") from error
    except OSError as error:
        raise ATMGCNError(f"{path}: cannot be read ({error.strerror or error})") from error
    except SafetensorError as error:
        raise ATMGCNError(f"{path}: is damaged or no safetensors file ({error})") from error


def _digest(header: dict[str, Any], tensors: dict[str, Tensor]) -> str:
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy())  # the bytes of any dtype, bfloat16 too
    return digest.hexdigest()

"""Tensors and a JSON object in one safetensors file, with a digest of both. No code in such a file can run.

The header's key ``atm_gcn`` is the JSON object; its ``format`` is the version of the layout, its ``sha256`` a digest of
the rest and of the tensors, by which an altered file is recognised.
"""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from atm_gcn.errors import ATMGCNError
from atm_gcn.files import write_bytes
from atm_gcn.files.refusals import refuse_special

KEY = "atm_gcn"
MAX_HEADER_BYTES = 1 << 22
"""Largest header, in bytes: names and shapes of some ten thousand tensors, and the JSON object."""

_SHOWN = 200  # characters of an error of safetensors, which quotes the file
_DEEPEST = 64  # nested lists and objects in the JSON object
_LENGTH = struct.Struct("<Q")  # of the header, at the beginning of the file
_DTYPES = {torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.bool, torch.uint8}
_DTYPES |= {torch.int8, torch.int16, torch.int32, torch.int64}


def write_tensors(path: Path, tensors: dict[str, Tensor], header: dict[str, Any]) -> None:
    """Write a file, whole or not at all. Equal content gives equal bytes.

    Args:
        path: An earlier file is replaced.
        tensors: By name, on any device.
        header: JSON-serialisable, with a ``format``.

    Raises:
        ATMGCNError: If the file cannot be written, or the header is too long.
    """
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    text = json.dumps(header | {"sha256": _digest(header, tensors)}, sort_keys=True)
    if len(text) > MAX_HEADER_BYTES // 2:
        raise ATMGCNError(f"{path}: its metadata would take {len(text):,} bytes; at most {MAX_HEADER_BYTES // 2:,} fit")
    write_bytes(path, save(tensors, {KEY: text}))  # save_file makes files that only their owner can read


def read_tensors(path: Path, what: str, fix: str, version: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read a file of :func:`write_tensors` onto the CPU.

    Args:
        path: The file.
        what: What the file should be, for an error: ``"model"``.
        fix: How to replace a damaged file, for an error.
        version: The ``format`` that the caller reads.

    Raises:
        ATMGCNError: If there is no such file, or it is damaged, foreign or of another format version.
    """
    tensors, text = _read(path)
    if text is None:
        raise ATMGCNError(f"{path}: is a safetensors file, but no {what} saved by atm_gcn")
    try:
        header = json.loads(text)
        found = header["format"]
        _check_text(header)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ATMGCNError(f"{path}: its header is damaged; {fix}") from error
    if found != version:
        raise ATMGCNError(
            f"{path}: has format version {str(found)[:20]}, this atm_gcn reads {version}; install the one that wrote it"
        )
    if header.pop("sha256", None) != _digest(header, tensors):
        raise ATMGCNError(f"{path}: its content is not what was saved; {fix}")
    return tensors, header


def _read(path: Path) -> tuple[dict[str, Tensor], str | None]:
    refuse_special(path)
    try:
        with path.open("rb") as file:
            begin = file.read(_LENGTH.size)
        length = _LENGTH.unpack(begin)[0] if len(begin) == _LENGTH.size else 0
        if length > MAX_HEADER_BYTES:
            raise ATMGCNError(
                f"{path}: is damaged or no safetensors file (its header would have {length:,} bytes; "
                f"at most {MAX_HEADER_BYTES:,} are read)"
            )
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            text = (file.metadata() or {}).get(KEY)
    except FileNotFoundError as error:
        raise ATMGCNError(f"{path}: there is no such file; name a checkpoint or the folder of a run") from error
    except OSError as error:
        raise ATMGCNError(f"{path}: cannot be read ({error.strerror or error})") from error
    except SafetensorError as error:
        raise ATMGCNError(f"{path}: is damaged or no safetensors file ({str(error)[:_SHOWN]!r})") from error
    for name, tensor in tensors.items():
        if tensor.dtype not in _DTYPES:
            raise ATMGCNError(f"{path}: its tensor {name[:60]!r} is {tensor.dtype}, which is not read")
    return tensors, text


def _check_text(content: Any) -> None:
    """Raise a :class:`ValueError` if content nests too deeply to be printed, or text holds half a surrogate pair."""
    level = [content]
    for _ in range(_DEEPEST):
        for item in level:
            if isinstance(item, str):
                item.encode()
        level = [
            part
            for item in level
            if isinstance(item, dict | list)
            for part in ((*item, *item.values()) if isinstance(item, dict) else item)
        ]
        if not level:
            return
    raise ValueError("nests too deeply")


def _digest(header: dict[str, Any], tensors: dict[str, Tensor]) -> str:
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)  # the bytes of any dtype, bfloat16 too
    return digest.hexdigest()

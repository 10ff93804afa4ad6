"""Tensors and a JSON object in one safetensors file, with a digest of both. No code in such a file can run.

The header's key ``atm_gcn`` is the JSON object; its ``format`` is the version of the layout, its ``sha256`` a digest of
the rest and of the tensors, by which an altered file is recognised.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from atm_gcn.errors import ATMGCNError
from atm_gcn.files import write_bytes
from atm_gcn.files.stored_tensors import KEY, MAX_HEADER_BYTES, StoredTensor, digest_of, read_stored_tensors


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
    stored, header = read_stored_tensors(path, what, fix, version)
    return {name: tensor_of(one) for name, one in stored.items()}, header


def tensor_of(stored: StoredTensor) -> Tensor:
    """A tensor with memory of its own from its bytes."""
    dtype = getattr(torch, stored.dtype.removeprefix("torch."))
    flat = torch.frombuffer(stored.data, dtype=dtype).clone() if stored.data else torch.empty(0, dtype=dtype)
    return flat.reshape(stored.shape)


def _digest(header: dict[str, Any], tensors: dict[str, Tensor]) -> str:
    stored = {
        # the bytes of any dtype, bfloat16 too
        name: StoredTensor(str(one.dtype), tuple(one.shape), one.reshape(-1).view(torch.uint8).numpy().data)
        for name, one in tensors.items()
    }
    return digest_of(header, stored)

"""The content of a file of :mod:`atm_gcn.files.tensors` as bytes: read and checked without torch, a slow import."""

import hashlib
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from safetensors import SafetensorError, deserialize

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.refusals import refuse_special

KEY = "atm_gcn"
MAX_HEADER_BYTES = 1 << 22
"""Largest header, in bytes: names and shapes of some ten thousand tensors, and the JSON object."""

_SHOWN = 200  # characters of an error of safetensors, which quotes the file
_DEEPEST = 64  # nested lists and objects in the JSON object
_LENGTH = struct.Struct("<Q")  # of the header, at the beginning of the file
_DTYPES = {  # of safetensors -> of torch
    "BOOL": "torch.bool",
    "U8": "torch.uint8",
    "I8": "torch.int8",
    "I16": "torch.int16",
    "I32": "torch.int32",
    "I64": "torch.int64",
    "F16": "torch.float16",
    "BF16": "torch.bfloat16",
    "F32": "torch.float32",
    "F64": "torch.float64",
}
_UNREAD = {"C64": "torch.complex64"}
_FLOATS = {  # -> bits of the exponent, all of which are set in infinity and NaN, in a word of this type
    "torch.float16": (0x7C00, "<u2"),
    "torch.bfloat16": (0x7F80, "<u2"),
    "torch.float32": (0x7F80_0000, "<u4"),
    "torch.float64": (0x7FF0_0000_0000_0000, "<u8"),
}


class StoredTensor(NamedTuple):
    """A tensor as it lies in a file.

    Args:
        dtype: Name of its type: ``"torch.float32"``.
        shape: Its shape.
        data: Its bytes, little-endian and row by row.
    """

    dtype: str
    shape: tuple[int, ...]
    data: bytearray | memoryview

    def is_finite(self) -> bool:
        """Whether no value is NaN or infinity."""
        if self.dtype not in _FLOATS:
            return True
        exponent, word = _FLOATS[self.dtype]
        return not bool(((self._words() & np.dtype(word).type(exponent)) == exponent).any())

    def has_negative(self) -> bool:
        """Whether a floating-point value is below zero."""
        if self.dtype not in _FLOATS:
            return False
        words = self._words()
        sign = words.dtype.type(1 << (8 * words.dtype.itemsize - 1))
        return bool((words > sign).any())  # the sign alone is minus zero

    def _words(self) -> np.ndarray:
        return np.frombuffer(self.data, np.dtype(_FLOATS[self.dtype][1]))


def read_stored_tensors(
    path: Path, what: str, fix: str, version: int
) -> tuple[dict[str, StoredTensor], dict[str, Any]]:
    """Read a file of :func:`~atm_gcn.files.tensors.write_tensors`.

    Args:
        path: The file.
        what: What the file should be, for an error: ``"model"``.
        fix: How to replace a damaged file, for an error.
        version: The ``format`` that the caller reads.

    Returns:
        The tensors by name, and the JSON object without its digest.

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
    if header.pop("sha256", None) != digest_of(header, tensors):
        raise ATMGCNError(f"{path}: its content is not what was saved; {fix}")
    return tensors, header


def digest_of(header: Mapping[str, Any], tensors: Mapping[str, StoredTensor]) -> str:
    """The ``sha256`` of a file: of its JSON object and its tensors, in the order of their names."""
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tensor.shape}".encode())
        digest.update(tensor.data)
    return digest.hexdigest()


def _read(path: Path) -> tuple[dict[str, StoredTensor], str | None]:
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
            content = begin + file.read()
        found = deserialize(content)
    except FileNotFoundError as error:
        raise ATMGCNError(f"{path}: there is no such file; name a checkpoint or the folder of a run") from error
    except OSError as error:
        raise ATMGCNError(f"{path}: cannot be read ({error.strerror or error})") from error
    except SafetensorError as error:
        raise ATMGCNError(f"{path}: is damaged or no safetensors file ({str(error)[:_SHOWN]!r})") from error
    for name, tensor in found:
        if tensor["dtype"] not in _DTYPES:
            dtype = _UNREAD.get(tensor["dtype"], tensor["dtype"])
            raise ATMGCNError(f"{path}: its tensor {name[:60]!r} is {dtype}, which is not read")
    header = json.loads(content[_LENGTH.size : _LENGTH.size + length])
    tensors = {name: StoredTensor(_DTYPES[one["dtype"]], tuple(one["shape"]), one["data"]) for name, one in found}
    return tensors, header.get("__metadata__", {}).get(KEY)


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

"""Archives of ``torch.export``: files that PyTorch loads without the code of a model."""

import io
import json
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor
from torch.export import ExportedProgram

from atm_gcn.files.outputs import GENERATOR

METADATA = f"{GENERATOR}.json"


def to_archive(program: ExportedProgram, path: Path, metadata: Mapping[str, str]) -> bytes:
    """The content of a ``.pt2`` file; see :func:`~atm_gcn.export.onnx_file.to_onnx` for the arguments."""
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on weights that share memory
        torch.export.save(program, file, extra_files={METADATA: json.dumps(dict(metadata))})
    return file.getvalue()


def from_archive(content: bytes) -> Callable[[Mapping[str, Tensor]], Tensor]:
    """The content of a ``.pt2`` file that :func:`to_archive` gave, as a function of named tensors."""
    loaded = torch.export.load(io.BytesIO(content)).module()
    return lambda clip: loaded(**clip)

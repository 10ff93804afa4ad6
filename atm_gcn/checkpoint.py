"""Models on disk: safetensors, with the model's settings as JSON in the file's header.

A file holds tensors and text and nothing that could run. The header's key ``atm_gcn`` is a JSON object with

- ``format``: version of this layout,
- ``model``: the fields of :class:`~atm_gcn.config.ModelConfig`, class names among them,
- ``metadata``: whatever the writer adds, for instance the data settings and the held-out subject,
- ``sha256``: digest of all that and of the tensors, so that an altered file is told from a sound one.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from atm_gcn.config import ModelConfig
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import replacing

FORMAT = 1
SUFFIX = ".safetensors"
FILE_NAME = f"model{SUFFIX}"
_KEY = "atm_gcn"


def save_checkpoint(
    path: str | Path, state_dict: dict[str, Tensor], config: ModelConfig, metadata: dict[str, Any] | None = None
) -> None:
    """Write a model, whole or not at all. Equal models give equal bytes.

    Args:
        path: File to write, or a folder for a ``model.safetensors``; an earlier file is replaced.
        state_dict: Tensors by name, on any device.
        config: What builds the model that they fit.
        metadata: JSON-serialisable extras.

    Raises:
        ATMGCNError: If the file cannot be written.
    """
    path = Path(path) if str(path).endswith(SUFFIX) else Path(path) / FILE_NAME
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state_dict.items()}
    header = {
        "format": FORMAT,
        "model": config.model_dump(mode="json"),
        "metadata": metadata or {},
    }
    header["sha256"] = _digest(header, tensors)
    with replacing(path) as partial:
        try:
            save_file(tensors, partial, {_KEY: json.dumps(header, sort_keys=True)})
        except SafetensorError as error:
            raise ATMGCNError(f"{path}: cannot be written ({error})") from error


def load_checkpoint(path: str | Path) -> tuple[dict[str, Tensor], ModelConfig, dict[str, Any]]:
    """Read what :func:`save_checkpoint` wrote, onto the CPU; no code in the file is run, for it can hold none.

    Args:
        path: A checkpoint, or a folder with a ``model.safetensors`` in it.

    Returns:
        State dict, the config that builds the model, and the metadata.

    Raises:
        ATMGCNError: If there is no such file, or it is damaged, foreign or of another format version.
    """
    path = find_checkpoint(path)
    tensors, text = _read(path)
    if text is None:
        raise ATMGCNError(f"{path}: is a safetensors file, but no model saved by atm_gcn")
    try:
        header = json.loads(text)
        version = header["format"]
        if version != FORMAT:
            raise ATMGCNError(
                f"{path}: has format version {version}, this atm_gcn reads {FORMAT}; install the one that wrote it"
            )
        config, metadata = ModelConfig.model_validate(header["model"]), dict(header["metadata"])
        sound = header.pop("sha256") == _digest(header, tensors)
    except (ValueError, TypeError, KeyError, ValidationError) as error:
        raise ATMGCNError(f"{path}: its header is damaged; train or copy the model again") from error
    if not sound:
        raise ATMGCNError(f"{path}: its content is not what was saved; train or copy the model again")
    return tensors, config, metadata


def find_checkpoint(path: str | Path) -> Path:
    """The checkpoint that ``path`` names: itself, or the ``model.safetensors`` in that folder.

    Raises:
        ATMGCNError: If there is none, or the folder is a run's, which holds one model a fold.
    """
    path = Path(path)
    if not path.is_dir():
        return path
    if (path / FILE_NAME).is_file():
        return path / FILE_NAME
    folds = sorted(path.glob(f"folds/*/{FILE_NAME}"))
    if folds:
        raise ATMGCNError(
            f"{path}: holds {len(folds)} models, one a fold; name one of them, for instance {folds[0].parent}"
        )
    raise ATMGCNError(f"{path}: holds no {FILE_NAME}; name a checkpoint, or the folder of a run or of one of its folds")


def _read(path: Path) -> tuple[dict[str, Tensor], str | None]:
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, (file.metadata() or {}).get(_KEY)  # noqa: SIM118
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

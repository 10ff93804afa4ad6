"""Models on disk: safetensors, with the model's settings as JSON in the file's header.

A file holds tensors and text and nothing that could run; see :mod:`atm_gcn.tensor_file`. Its JSON object has

- ``model``: the fields of :class:`~atm_gcn.config.ModelConfig`, class names among them,
- ``metadata``: whatever the writer adds, for instance the data settings and the held-out subject.
"""

from pathlib import Path
from typing import Any

from pydantic import ValidationError
from torch import Tensor

from atm_gcn.config import ModelConfig
from atm_gcn.errors import ATMGCNError
from atm_gcn.tensor_file import read_tensors, write_tensors

FORMAT = 1
SUFFIX = ".safetensors"
FILE_NAME = f"model{SUFFIX}"
MEND = "train or copy the model again"


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
    header = {"format": FORMAT, "model": config.model_dump(mode="json"), "metadata": metadata or {}}
    write_tensors(path, state_dict, header)


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
    tensors, header = read_tensors(path, "model", MEND, FORMAT)
    try:
        return tensors, ModelConfig.model_validate(header["model"]), dict(header["metadata"])
    except (ValueError, TypeError, KeyError, ValidationError) as error:
        raise ATMGCNError(f"{path}: its header is damaged; {MEND}") from error


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
    folds = sorted(path.glob(f"folds/**/{FILE_NAME}"))
    if folds:
        raise ATMGCNError(
            f"{path}: holds {len(folds)} models, one a fold; name one of them, for instance {folds[0].parent}"
        )
    raise ATMGCNError(f"{path}: holds no {FILE_NAME}; name a checkpoint, or the folder of a run or of one of its folds")

"""Models on disk: safetensors, with the model's settings as JSON in the file's header.

A file holds tensors and text and nothing that could run; see :mod:`atm_gcn.files.tensors`. Its JSON object has

- ``model``: the fields of :class:`~atm_gcn.config.ModelConfig`, class names among them,
- ``metadata``: whatever the writer adds, for instance the data settings and the held-out subject.
"""

from pathlib import Path
from typing import Any

from torch import Tensor

from atm_gcn.config import DataConfig, ModelConfig
from atm_gcn.errors import ATMGCNError
from atm_gcn.files.tensors import read_tensors, write_tensors

FORMAT = 1
SUFFIX = ".safetensors"
FILE_NAME = f"model{SUFFIX}"
ENCODER = "encoder."
MEND = "train or copy the model again"
_METADATA = {"data": dict, "held_out": str, "card": dict}  # what training writes; other keys may hold anything


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
        ATMGCNError: If there is no such file, it is damaged, foreign or of another format version, or a tensor holds
            NaN or infinity.
    """
    path = find_checkpoint(path)
    tensors, header = read_tensors(path, "model", MEND, FORMAT)
    config, metadata = ModelConfig.checked(header.get("model"), f"{path}: its configuration"), header.get("metadata")
    if config.num_classes is None or not isinstance(metadata, dict):
        raise ATMGCNError(f"{path}: its header is damaged; {MEND}")
    for key, kind in _METADATA.items():
        if not isinstance(metadata.get(key), kind | None):
            raise ATMGCNError(f"{path}: its metadata's {key} is {metadata[key]!r:.60}, which no training wrote; {MEND}")
    check_finite(path, tensors)
    return tensors, config, metadata


def data_settings(metadata: dict[str, Any], path: str | Path) -> DataConfig:
    """How the clips that a model knows were prepared, by its metadata.

    Raises:
        ATMGCNError: Naming the file and the setting, if one does not fit.
    """
    return DataConfig.checked(metadata.get("data") or {}, f"{path}: its data settings")


def check_fits(path: str | Path, state: dict[str, Tensor], expected: dict[str, Tensor], of_encoder: bool) -> None:
    """Make sure that the tensors of a file are those that its configuration asks for.

    Args:
        path: The file.
        state: Its tensors.
        expected: Those of the model that its configuration builds, for instance on the meta device.
        of_encoder: Whether tensors of the encoder are compared too.

    Raises:
        ATMGCNError: If names, shapes, or whole and floating-point numbers differ.
    """
    own, wanted = (
        {
            name: (tensor.shape, tensor.is_floating_point())
            for name, tensor in tensors.items()
            if of_encoder or not name.startswith(ENCODER)
        }
        for tensors in (state, expected)
    )
    differing = {name for name in own.keys() | wanted.keys() if own.get(name) != wanted.get(name)}
    if differing and all(name.startswith(ENCODER) for name in differing):
        raise other_encoder(path, "MotionEncoder")
    if differing:
        raise ATMGCNError(f"{path}: its weights do not fit its own configuration; the file was altered")


def other_encoder(path: str | Path, name: str) -> ATMGCNError:
    """The error for a file that was saved with an encoder other than that of class ``name``."""
    return ATMGCNError(
        f"{path}: its encoder is not a {name} of these sizes; "
        "give the one that it was saved with: ATMGCN.from_pretrained(path, encoder=...)"
    )


def check_finite(path: str | Path, tensors: dict[str, Tensor]) -> None:
    """Make sure that no tensor of a model would make its outputs no numbers.

    Raises:
        ATMGCNError: Naming the first that holds NaN or infinity, or a negative variance.
    """
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise ATMGCNError(f"{path}: its tensor {name[:60]!r} holds values that are no finite numbers; {MEND}")
        if name.endswith(".running_var") and tensor.numel() and tensor.min() < 0:
            raise ATMGCNError(f"{path}: its tensor {name[:60]!r} holds negative variances; {MEND}")


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
    if (path / "folds").is_dir():
        raise ATMGCNError(
            f"{path}: is the folder of a run, with one model per fold; name one of their folders"
        )
    raise ATMGCNError(f"{path}: holds no {FILE_NAME}; name a checkpoint, or the folder of a run or of one of its folds")

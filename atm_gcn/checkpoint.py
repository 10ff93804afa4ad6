"""Models on disk: safetensors files, with the model's settings as JSON in the header.

A file contains tensors and text, and no code; see :mod:`atm_gcn.files.tensors`. Its JSON object has

- ``model``: the fields of :class:`~atm_gcn.config.ModelConfig` or :class:`~atm_gcn.config.PeerConfig`, class names
  among them,
- ``metadata``: whatever the writer adds, for instance the data settings and the held-out subject.
"""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from atm_gcn.config import MODELS, DataConfig, ModelConfig, PeerConfig, section_for
from atm_gcn.errors import ATMGCNError
from atm_gcn.files.stored_tensors import StoredTensor, read_stored_tensors

if TYPE_CHECKING:  # the settings of a model can be read without torch, which loads slowly
    from torch import Tensor, nn

M = TypeVar("M", bound="nn.Module")

FORMAT = 1
SUFFIX = ".safetensors"
FILE_NAME = f"model{SUFFIX}"
PARTS = {"encoder": "MotionEncoder", "graph": "TMGCNStack", "readout": "AttentionReadout"}
"""Parts of a model, and the class of each that the library has."""
TYPICAL = "readout.classifier.weight"  # has the type of all weights
FIX = "train or copy the model again"
_METADATA = {"data": dict, "held_out": str, "card": dict}  # written by training; other keys may hold anything


def save_checkpoint(
    path: str | Path,
    state_dict: "dict[str, Tensor]",
    config: ModelConfig | PeerConfig,
    metadata: dict[str, Any] | None = None,
) -> None:
    """Write a model, whole or not at all. Equal models give equal bytes.

    Args:
        path: File to write, or a folder for a ``model.safetensors``; an earlier file is replaced.
        state_dict: Tensors by name, on any device.
        config: The settings of the model.
        metadata: JSON-serialisable extras.

    Raises:
        ATMGCNError: If the file cannot be written.
    """
    from atm_gcn.files.tensors import write_tensors

    path = Path(path) if str(path).endswith(SUFFIX) else Path(path) / FILE_NAME
    header = {"format": FORMAT, "model": config.model_dump(mode="json"), "metadata": metadata or {}}
    write_tensors(path, state_dict, header)


def load_checkpoint(path: str | Path) -> "tuple[dict[str, Tensor], ModelConfig | PeerConfig, dict[str, Any]]":
    """Read what :func:`save_checkpoint` wrote, onto the CPU. A checkpoint contains no code.

    Args:
        path: A checkpoint, or a folder with a ``model.safetensors`` in it.

    Returns:
        State dict, the config that builds the model, and the metadata.

    Raises:
        ATMGCNError: If there is no such file, it is damaged, foreign or of another format version, or a tensor holds
            NaN or infinity.
    """
    from atm_gcn.files.tensors import tensor_of

    tensors, config, metadata = inspect_checkpoint(path)
    return {name: tensor_of(stored) for name, stored in tensors.items()}, config, metadata


def inspect_checkpoint(path: str | Path) -> tuple[dict[str, StoredTensor], ModelConfig | PeerConfig, dict[str, Any]]:
    """Read and check a checkpoint as :func:`load_checkpoint` does, without importing torch; tensors stay bytes."""
    path = find_checkpoint(path)
    tensors, header = read_stored_tensors(path, "model", FIX, FORMAT)
    settings, metadata = header.get("model"), header.get("metadata")
    name = settings.get("name", MODELS[0]) if isinstance(settings, dict) else MODELS[0]
    if name not in MODELS:
        raise ATMGCNError(f"{path}: its model {name!r:.60} is not one of {', '.join(MODELS)}; {FIX}")
    config: ModelConfig | PeerConfig = section_for(settings).checked(settings, f"{path}: its configuration")
    if config.num_classes is None or not isinstance(metadata, dict):
        raise ATMGCNError(f"{path}: its header is damaged; {FIX}")
    for key, kind in _METADATA.items():
        if not isinstance(metadata.get(key), kind | None):
            raise ATMGCNError(f"{path}: its metadata's {key} is {metadata[key]!r:.60}, which no training wrote; {FIX}")
    for name, stored in tensors.items():
        if not stored.is_finite():
            raise _not_finite(path, name)
        if name.endswith(".running_var") and stored.has_negative():
            raise ATMGCNError(f"{path}: its tensor {name[:60]!r} holds negative variances; {FIX}")
    return tensors, config, metadata


def data_settings(metadata: dict[str, Any], path: str | Path) -> DataConfig:
    """How the training clips of a model were prepared, from its metadata.

    Raises:
        ATMGCNError: Naming the file and the setting, if one does not fit.
    """
    return DataConfig.from_record(metadata.get("data"), f"{path}: its data settings")


def check_fits(
    path: str | Path, state: "dict[str, Tensor]", expected: "dict[str, Tensor]", stock: Collection[str] = PARTS
) -> None:
    """Make sure that the tensors of a file are those that its configuration asks for.

    Args:
        path: The file.
        state: Its tensors.
        expected: Those of the model that its configuration builds, for instance on the meta device.
        stock: The parts of the model, of ``"encoder"``, ``"graph"`` and ``"readout"``, that are the library's own; the
            tensors of others are not compared.

    Raises:
        ATMGCNError: If names, shapes, or whole and floating-point numbers differ.
    """
    differing = differing_parts(state, expected)
    differing -= PARTS.keys() - set(stock)
    if len(differing) == 1 and differing <= PARTS.keys():
        part = differing.pop()
        raise other_part(path, part, PARTS[part])
    if differing:
        raise ATMGCNError(f"{path}: its weights do not fit its own configuration; the file was altered")


def differing_parts(state: "dict[str, Tensor]", expected: "dict[str, Tensor]") -> set[str]:
    """The parts of a model, by the first word of their tensors' names, in which names, shapes or kinds differ."""
    own, wanted = (
        {name: (tensor.shape, tensor.is_floating_point()) for name, tensor in tensors.items()}
        for tensors in (state, expected)
    )
    names = own.keys() | wanted.keys()
    return {name.partition(".")[0] for name in names if own.get(name) != wanted.get(name)}


def other_part(path: str | Path, part: str, name: str) -> ATMGCNError:
    """The error for a file whose encoder, graph or readout is not of class ``name``."""
    return ATMGCNError(
        f"{path}: its {part} does not match {name} of these sizes; give the one that it was saved with, for instance "
        f"ATMGCN.from_pretrained(path, {part}=...), unless the file was altered"
    )


def load_weights(model: M, path: str | Path, state: "dict[str, Tensor]") -> M:
    """Give a model the tensors of a file, in their floating-point type.

    Raises:
        ATMGCNError: If they do not fit the model, or a type of less range makes infinity of a number.
    """
    types = [tensor.dtype for tensor in state.values() if tensor.is_floating_point()]
    model.to(state[TYPICAL].dtype if TYPICAL in state else types[0])
    differing = sorted(differing_parts(state, model.state_dict()))
    if differing:
        part = next((part for part in differing if part in PARTS), "model")
        raise other_part(path, part, type(getattr(model, part, model)).__name__)
    model.load_state_dict(state)
    for name, tensor in model.state_dict().items():
        if not tensor.isfinite().all():
            raise _not_finite(path, name)
    return model


def _not_finite(path: str | Path, name: str) -> ATMGCNError:
    return ATMGCNError(f"{path}: its tensor {name[:60]!r} holds values that are no finite numbers; {FIX}")


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
        raise ATMGCNError(f"{path}: is the folder of a run, with one model per fold; name one of their folders")
    seeds = sorted(folder.name for folder in path.glob("seed-*") if (folder / FILE_NAME).is_file())
    if seeds:
        raise ATMGCNError(f"{path}: holds one model per seed; name one of the folders {', '.join(seeds)} in it")
    inner = next((f", such as {folder}" for folder in sorted(path.iterdir()) if (folder / "folds").is_dir()), "")
    raise ATMGCNError(
        f"{path}: holds no {FILE_NAME}; name a checkpoint, or the folder of a run or of one of its folds{inner}"
    )

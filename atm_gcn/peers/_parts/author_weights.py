"""Weights that the authors of a network published."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import ClassVar, Self, cast

import torch
from torch import Tensor, nn

from atm_gcn.errors import ATMGCNError

FIX = "give a state dict that torch.save wrote, of the published network"


class AuthorWeights:
    """Adds :meth:`load_author_weights` to a network.

    Attributes:
        renamed: For every module by its name in the published code, the module here; others have the same name.
    """

    renamed: ClassVar[Mapping[str, str]] = {}

    def load_author_weights(self, path: str | Path) -> Self:
        """Read the weights that the authors published, for instance those of the fold that held a subject out.

        From then on the network is in evaluation mode.

        Args:
            path: A ``.pth`` file with a state dict. It is read with ``weights_only=True``, which runs no code.

        Raises:
            ATMGCNError: If it is no such file, or has other tensors than this network.
        """
        module = cast(nn.Module, self)
        state = _read(Path(path))
        published = {self._name_of(name): name for name in state}
        found = self._adapted({self._name_of(name): tensor for name, tensor in state.items()})
        own = module.state_dict()
        for name in sorted(own.keys() | found.keys()):
            problem = _problem(found.get(name), own.get(name))
            if problem:
                shown = published.get(name) or self._published_name(name)
                raise ATMGCNError(f"{path}: does not fit {type(self).__name__}: its tensor {shown} {problem}; {FIX}")
        module.load_state_dict(found)
        module.eval()
        return self

    def _adapted(self, found: dict[str, Tensor]) -> dict[str, Tensor]:
        """What is loaded of the tensors of a file, by the names here; all of them unless a network overrides this."""
        return found

    def _published_name(self, name: str) -> str:
        for theirs, here in self.renamed.items():
            if name.startswith(f"{here}."):
                return theirs + name[len(here) :]
        return name

    def _name_of(self, name: str) -> str:
        part, _, rest = name.partition(".")
        return f"{self.renamed.get(part, part)}.{rest}"


def _problem(found: Tensor | None, own: Tensor | None) -> str:
    """Why a tensor of the file cannot be taken for one of the network; empty if it can be."""
    if found is None or own is None:
        return "is absent" if found is None else "has no counterpart"
    if found.shape != own.shape:
        return f"is {list(found.shape)}, not {list(own.shape)}"
    if found.is_floating_point() != own.is_floating_point() or found.is_complex():
        return f"holds {str(found.dtype).removeprefix('torch.')}, not {str(own.dtype).removeprefix('torch.')}"
    return "" if found.isfinite().all() else "holds NaN or infinity"


def _read(path: Path) -> dict[str, Tensor]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's on pickles of other protocols
            state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ATMGCNError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, AttributeError, ImportError) as error:
        raise ATMGCNError(f"{path}: holds no weights that can be read without running code; {FIX}") from error
    if isinstance(state, dict) and isinstance(state.get("state_dict"), dict):
        state = state["state_dict"]
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ATMGCNError(f"{path}: holds no weights by name; {FIX}")
    return {str(name): tensor for name, tensor in state.items()}

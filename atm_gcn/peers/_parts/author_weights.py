"""Weights that the authors of a network published."""

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
        found = self._adapted({self._name_of(name): tensor for name, tensor in _read(Path(path)).items()})
        own = module.state_dict()
        for name in sorted(own.keys() | found.keys()):
            if name not in found or name not in own or found[name].shape != own[name].shape:
                shapes = (list(where[name].shape) if name in where else "absent" for where in (found, own))
                raise ATMGCNError(
                    f"{path}: does not fit {type(self).__name__}: its tensor {name} is {next(shapes)}, not "
                    f"{next(shapes)}; {FIX}"
                )
            if not found[name].isfinite().all():
                raise ATMGCNError(f"{path}: its tensor {name} holds values that are no finite numbers; {FIX}")
        module.load_state_dict(found)
        module.eval()
        return self

    def _adapted(self, found: dict[str, Tensor]) -> dict[str, Tensor]:
        """What is loaded of the tensors of a file, by the names here; all of them unless a network overrides this."""
        return found

    def _name_of(self, name: str) -> str:
        part, _, rest = name.partition(".")
        return f"{self.renamed.get(part, part)}.{rest}"


def _read(path: Path) -> dict[str, Tensor]:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ATMGCNError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, AttributeError, ImportError) as error:
        reason = str(error).partition("\n")[0][:100] or type(error).__name__
        raise ATMGCNError(f"{path}: holds no weights ({reason}); {FIX}") from error
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ATMGCNError(f"{path}: holds no weights by name; {FIX}")
    return {str(name): tensor for name, tensor in state.items()}

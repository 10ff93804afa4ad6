"""Models by whatever function builds them: the library's own, one given in Python, or one that the settings name.

A builder takes a :class:`~atm_gcn.ModelConfig` and returns a :class:`torch.nn.Module` that turns a batch of clips into
logits ``[B, C]``: an :class:`~atm_gcn.ATMGCN` with parts of one's own, or another network.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from torch import nn

from atm_gcn.checkpoint import load_checkpoint, load_weights
from atm_gcn.config import ModelConfig
from atm_gcn.errors import ATMGCNError
from atm_gcn.model import ATMGCN

Builder = Callable[[ModelConfig], nn.Module]
STOCK = ATMGCN


def builder_of(config: ModelConfig, given: Builder | None = None) -> Builder:
    """The builder of a model: ``given``, the one that ``config.build_model`` names, or :class:`~atm_gcn.ATMGCN`.

    Raises:
        ATMGCNError: If the settings name one that cannot be imported.
    """
    if given is not None:
        return given
    return STOCK if config.build_model is None else import_builder(config.build_model)


def import_builder(name: str) -> Builder:
    """Import ``"package.module:function"``, also from the working folder, as ``python -m`` does.

    Raises:
        ATMGCNError: If the module cannot be imported, or has no such function or class.
    """
    module, colon, attribute = name.partition(":")
    if not (module and colon and attribute):
        raise ATMGCNError(f"build_model {name}: must be package.module:function")
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.append(folder)
    try:
        found = getattr(import_module(module), attribute)
    except Exception as error:  # whatever the module raises
        raise ATMGCNError(f"build_model {name}: cannot be imported ({type(error).__name__}: {error})") from error
    if not callable(found):
        raise ATMGCNError(f"build_model {name}: is no function or class; name one that takes a ModelConfig")
    return found


def name_of(builder: Builder) -> str | None:
    """How the settings name a builder; None for :class:`~atm_gcn.ATMGCN` itself."""
    return None if builder is STOCK else f"{builder.__module__}:{builder.__qualname__}"


def build(config: ModelConfig, builder: Builder | None = None) -> nn.Module:
    """Build a model.

    Raises:
        ATMGCNError: If the builder fails or returns no module.
    """
    builder = builder_of(config, builder)
    if builder is STOCK:
        return ATMGCN(config)
    name = name_of(builder)
    try:
        model = builder(config)
    except Exception as error:  # whatever the builder raises
        raise ATMGCNError(f"build_model {name}: cannot build the model ({type(error).__name__}: {error})") from error
    if not isinstance(model, nn.Module):
        raise ATMGCNError(f"build_model {name}: returned a {type(model).__name__}, which is no torch.nn.Module")
    return model


class LoadedModel(NamedTuple):
    """A model out of a checkpoint, in evaluation mode, on the CPU.

    Args:
        model: Turns a batch of clips into logits.
        config: Its settings.
        metadata: What its training wrote beside it.
    """

    model: nn.Module
    config: ModelConfig
    metadata: dict[str, Any]

    @property
    def class_names(self) -> list[str]:
        """In the order of the logits."""
        return self.config.names


def load_model(path: str | Path, builder: Builder | None = None) -> LoadedModel:
    """Read a checkpoint.

    A checkpoint may name the builder of its model; it is never imported for that, since it may come from anybody.

    Args:
        path: A checkpoint or the folder of one.
        builder: What built the model, unless it is an :class:`~atm_gcn.ATMGCN` without parts of one's own.

    Raises:
        ATMGCNError: If the model has a builder and none is given, or the checkpoint cannot be read or does not fit.
    """
    state, config, metadata = load_checkpoint(path)
    if builder is None and config.build_model is None:
        model: nn.Module = ATMGCN.from_pretrained(path)
    elif builder is None:
        raise ATMGCNError(
            f"{path}: its model is built by {config.build_model}, which is not imported unless you ask for it: "
            f"--build-model {config.build_model}, or build_model= in Python"
        )
    else:
        model = load_weights(build(config, builder), path, state).eval()
    return LoadedModel(model, config, metadata)

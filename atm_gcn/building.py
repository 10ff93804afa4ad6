"""Models by whatever function builds them: the library's own, one given in Python, or one that the settings name.

The library's own are :class:`~atm_gcn.ATMGCN` and :data:`~atm_gcn.peers.registry.PEERS`. A builder takes a
:class:`~atm_gcn.ModelConfig` and returns a :class:`torch.nn.Module` that turns a batch of clips into
logits ``[B, C]``: an :class:`~atm_gcn.ATMGCN` with custom parts, or another network. In evaluation the batch has
neither ``y`` nor ``label``.
"""

import copy
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn
from torch_geometric.data import Batch

from atm_gcn.checkpoint import check_fits, load_checkpoint, load_weights
from atm_gcn.config import ModelConfig, PeerConfig
from atm_gcn.config.fields import BUILDER_NAME
from atm_gcn.errors import ATMGCNError
from atm_gcn.model import ATMGCN
from atm_gcn.peers import build_peer

AnyConfig = ModelConfig | PeerConfig
Builder = Callable[[Any], nn.Module]


def stock(config: AnyConfig) -> nn.Module:
    """The library's own model of these settings: an :class:`~atm_gcn.ATMGCN`, or a peer."""
    if isinstance(config, ModelConfig):
        return ATMGCN(config)
    if config.num_classes is None:
        raise ValueError(f"{config.name} needs the number of classes: num_classes=3")
    return build_peer(config.name, config.num_classes, **config.options)


def builder_of(config: AnyConfig, given: Builder | None = None) -> Builder:
    """The builder of a model: ``given``, the one that ``config.build_model`` names, or :func:`stock`.

    Raises:
        ATMGCNError: If the settings name one that cannot be imported.
    """
    if given is not None:
        return stock if given is ATMGCN else given
    name = config.build_model if isinstance(config, ModelConfig) else None
    return stock if name is None else import_builder(name)


def import_builder(name: str) -> Builder:
    """Import ``"package.module:function"``, also from the working folder, as ``python -m`` does.

    Raises:
        ATMGCNError: If the module cannot be imported, or has no such function or class.
    """
    if not BUILDER_NAME.fullmatch(name):
        raise ATMGCNError(f"build_model must be package.module:function, not {name!r}")
    module, _, attributes = name.partition(":")
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.append(folder)
    try:
        found: Any = import_module(module)
        for attribute in attributes.split("."):
            found = getattr(found, attribute)
    except (Exception, SystemExit) as error:  # whatever the module raises
        raise ATMGCNError(f"build_model {name}: cannot be imported ({type(error).__name__}: {error})") from error
    if not callable(found):
        raise ATMGCNError(f"build_model {name}: is not a function or class; name one that takes a ModelConfig")
    return found


def name_of(builder: Builder) -> str | None:
    """How the settings name a builder; None for :class:`~atm_gcn.ATMGCN` itself.

    Raises:
        ATMGCNError: If it cannot be imported by a name.
    """
    if builder in (stock, ATMGCN):
        return None
    if isinstance(builder, nn.Module):
        kind = type(builder).__name__
        raise ATMGCNError(f"build_model must be a function or class that builds the model, not a {kind} that is built")
    module, name = getattr(builder, "__module__", None), getattr(builder, "__qualname__", "<")
    if module == "__main__":
        module = Path(getattr(sys.modules["__main__"], "__file__", None) or "__main__").stem
    full = f"{module}:{name}"
    if not callable(builder) or not BUILDER_NAME.fullmatch(full):
        raise ATMGCNError(
            f"build_model must be a function or class at the top level of a module, not {name}; write it there with "
            "def or class, in a file with a name"
        )
    return full


def build(config: AnyConfig, builder: Builder | None = None) -> nn.Module:
    """Build a model.

    Raises:
        ATMGCNError: If the builder fails or returns no module.
    """
    builder = builder_of(config, builder)
    if builder is stock:
        return stock(config)
    name = getattr(config, "build_model", None) or getattr(builder, "__name__", repr(builder))
    try:
        model = builder(config)
    except (Exception, SystemExit) as error:  # whatever the builder raises
        raise ATMGCNError(f"build_model {name}: cannot build the model ({type(error).__name__}: {error})") from error
    if not isinstance(model, nn.Module):
        raise ATMGCNError(f"build_model {name}: returned a {type(model).__name__}, which is not a torch.nn.Module")
    return model


def check_output(model: nn.Module, batch: Batch, num_classes: int, trains: bool = False) -> None:
    """Try a custom model on a batch, before anything depends on it.

    Args:
        model: The model.
        batch: Some clips; their labels are withheld.
        num_classes: C of the logits.
        trains: Whether the logits must have a gradient.

    Raises:
        ATMGCNError: If it has no parameters, fails, or does not return logits ``[num_clips, num_classes]``.
    """
    name, expected = type(model).__name__, [batch.num_graphs, num_classes]
    if next(model.parameters(), None) is None:
        raise ATMGCNError(f"the model {name} has no parameters to train")
    try:
        with torch.set_grad_enabled(trains):
            logits = model.eval()(without_labels(batch).to(next(model.parameters()).device))
    except ATMGCNError:
        raise
    except Exception as error:  # whatever the model raises
        hint = _channels_hint(model)
        raise ATMGCNError(
            f"the model {name} fails on a batch of clips ({type(error).__name__}: {error}){hint}"
        ) from error
    if not isinstance(logits, torch.Tensor) or list(logits.shape) != expected:
        found = list(logits.shape) if isinstance(logits, torch.Tensor) else type(logits).__name__
        raise ATMGCNError(f"the model {name} must return logits {expected} for {expected[0]} clips, not {found}")
    if trains and not logits.requires_grad:
        raise ATMGCNError(f"the logits of the model {name} have no gradient; leave out detach() and no_grad()")


def _channels_hint(model: nn.Module) -> str:
    """What an encoder must take, if it is not the usual."""
    if not isinstance(model, ATMGCN) or model.config.input != "both":
        return ""
    count = model.config.in_channels
    return (
        f"; with data.view=both the encoder must take {count} channels, those of a frame and of its optical flow: "
        "build it for config.in_channels"
    )


def without_labels(batch: Batch) -> Batch:
    """The batch without ``y`` and ``label``, as models see it that are tested; tensors are shared."""
    hidden = copy.copy(batch)
    for key in ("y", "label"):
        if key in hidden:
            del hidden[key]
    return hidden


class LoadedModel(NamedTuple):
    """A model out of a checkpoint, in evaluation mode, on the CPU.

    Args:
        model: Turns a batch of clips into logits.
        config: Its settings.
        metadata: What its training wrote beside it.
    """

    model: nn.Module
    config: AnyConfig
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
        builder: What built the model, unless it is an :class:`~atm_gcn.ATMGCN` without custom parts.

    Raises:
        ATMGCNError: If the model has a builder and none is given, or the checkpoint cannot be read or does not fit.
    """
    state, config, metadata = load_checkpoint(path)
    named = config.build_model if isinstance(config, ModelConfig) else None
    if builder is None and named is not None:
        raise ATMGCNError(
            f"{path}: its model is built by {named}, which is not imported unless you ask for it: "
            f"--build-model {named}, or build_model= in Python"
        )
    if builder is None and isinstance(config, ModelConfig):
        model: nn.Module = ATMGCN.from_pretrained(path)
    elif builder is None:
        with torch.device("meta"):  # sizes follow from the file's tensors before memory is taken for them
            expected = stock(config).state_dict()
        check_fits(path, state, expected)
        model = load_weights(stock(config), path, state).eval()
    else:
        model = load_weights(build(config, builder), path, state).eval()
    return LoadedModel(model, config, metadata)

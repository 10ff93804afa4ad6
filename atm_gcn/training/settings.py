"""The settings of a run that its frame store determines. This does not import torch."""

from collections.abc import Sequence
from pathlib import Path

from atm_gcn.config import DECISIONS, NEEDS, AugmentConfig, DataConfig, OptimConfig, PeerConfig, RunConfig
from atm_gcn.config.messages import written
from atm_gcn.data import ClipStore
from atm_gcn.defaults import Budget, Task
from atm_gcn.errors import ATMGCNError, UnsuitableClipsError
from atm_gcn.peers.registry import PEERS

_VIEWS = {"frames": "frames", "flow": "optical flow"}


def with_view_of(store: ClipStore, base: RunConfig) -> RunConfig:
    """The settings below those that are requested, with the view that the store was prepared for."""
    view = store.config.view
    return base if base.data.view != DataConfig().view else base.merge({"data": {"view": view}})


def requested(
    base: RunConfig,
    file: str | Path | None = None,
    overrides: Sequence[str] = (),
    model: str | None = None,
    budget: Budget = "authors",
    task: Task | None = None,
) -> tuple[RunConfig, RunConfig]:
    """The settings that are asked for, and those below them.

    Args:
        base: A preset.
        file: YAML with settings over it.
        overrides: Assignments over both.
        model: Name of the model, of :data:`~atm_gcn.config.peers.MODELS`; None for that of file and overrides.
        budget: What a peer is trained with where neither file nor overrides say otherwise: what its ``"authors"``
            published, or settings ``"equal"`` to those of ``base``.
        task: What is learnt; None for that of file and overrides. Of action units, most of which are absent from most
            clips, weights are balanced where neither file nor overrides say otherwise.

    Raises:
        ATMGCNError: If a setting is unknown or a value does not fit, or two models are named.
    """
    if model is not None:
        base = base.merge({"model": {"name": model}}, where="--model")
    if task is not None:
        base = base.merge({"model": {"task": task}}, where="--task")

    def over(below: RunConfig) -> RunConfig:
        return below.override(overrides) if file is None else RunConfig.load(file, below, overrides)

    config = over(base)
    if model not in (None, config.model.name):
        raise ATMGCNError(f"--model is {model}, but model.name is {config.model.name}; leave one of the two out")
    if task not in (None, config.model.task):
        raise ATMGCNError(f"--task is {task}, but model.task is {config.model.task}; leave one of the two out")
    if budget == "authors":
        base = with_training_of_authors(base, config.model.name)
        config = over(base)
    if config.model.task == "action-units":
        base = base.merge({"train": {"optim": {"class_weights": "balanced"}}})
        config = over(base)
    return config, base


def with_training_of_authors(base: RunConfig, model: str) -> RunConfig:
    """The settings below those that are requested, with the training that the authors of a peer published, if any.

    Of ATM-GCN and of peers without such a training, that is the one of ``base``.
    """
    training = PEERS[model].training if model in PEERS else None
    if training is None:
        return base
    optim = OptimConfig().model_dump() | dict(training.get("optim", {}))
    augment = AugmentConfig().model_dump() | dict(training.get("augment", {}))
    return base.merge({"train": {"optim": optim, "augment": augment}})


def resolve(config: RunConfig, base: RunConfig, store: ClipStore, overrides: Sequence[str] = ()) -> RunConfig:
    """The config with the settings that the store determines: the classes, and how its frames were prepared.

    Args:
        config: The requested settings.
        base: The preset below them. Its data settings are for ``prepare``; those that ``config`` changes are requests.
        store: The clips.
        overrides: The assignments among the requests, each of which must have an effect. They are requests also where
            they say what ``base`` does.

    Raises:
        ATMGCNError: If the store has one class only, ``config`` requests other classes or frames than it holds, or one
            of ``overrides`` has no effect.
    """
    is_asked = "view" in config.assigned_data(overrides) or config.data.view != base.data.view
    config = _with_view_of_peer(config, store, is_asked)
    made = store.config
    without_effect, assigned = config.data.unused & made.unused, config.assigned_data(overrides)
    for key in DataConfig.model_fields.keys() - {"view"} - without_effect:
        asked, stored = getattr(config.data, key), getattr(made, key)
        if key == "flow_size" and asked is not None:
            stored = made.flow_pixels
        allowed = [stored, *([DECISIONS[key]] if key in DECISIONS else [])]
        if asked not in allowed and (key in assigned or asked != getattr(base.data, key)):
            found = "without it" if stored is None else f"with {written(stored)}"
            raise ATMGCNError(
                f"data.{key} is {written(asked)}, but {store.name} was prepared {found}; {store.settings_fix}"
            )
    for key in config.without_effect(overrides):
        if key == "train.protocol.folds":
            raise ATMGCNError(f"--set {key} has no effect without train.protocol.kind=kfold; use --folds instead")
        if key.removeprefix("data.") in without_effect:
            raise ATMGCNError(
                f"--set {key} has no effect on {store.name}; it needs "
                + ("frames" if store.frame_size is None else f"a frame store prepared with {NEEDS[key[5:]]}")
                + "; leave it out"
            )
    _check_view(config, store)
    decisions = {key: value for key, value in DECISIONS.items() if getattr(config.data, key) == value}
    classes, model = list(store.classes), config.model
    if len(classes) < 2:
        fix = f"add clips of another, in {'y or label' if store.path is None else 'label'}"
        if any(stored.clip.action_units for stored in store.clips):
            fix = "train --task action-units, or prepare them again with labels of several classes"
        raise ATMGCNError(f"{store.name}: all {len(store)} clips have the class {classes[0]!r}; {fix}")
    if model.num_classes not in (None, len(classes)):
        raise ATMGCNError(
            f"model.num_classes is {model.num_classes}, but {store.name} has {len(classes)} classes "
            f"({', '.join(classes)}); leave the setting out"
        )
    if model.class_names not in (None, classes):
        raise ATMGCNError(
            f"model.class_names is {model.class_names}, but the classes of {store.name} are {classes}; "
            "leave the setting out"
        )
    given = {"num_classes": len(classes), "class_names": classes} | store.model_settings
    view = config.data.view
    if getattr(store, "has_flow", False):
        given["input"] = view
    given = {key: value for key, value in given.items() if key in type(model).model_fields}
    return config.merge({"model": given, "data": made.model_dump() | decisions | {"view": view}})


def _with_view_of_peer(config: RunConfig, store: ClipStore, is_asked: bool) -> RunConfig:
    """The settings with the view that a peer reads.

    Raises:
        ATMGCNError: If the store does not have it, or another one is asked for.
    """
    peer = config.model.peer if isinstance(config.model, PeerConfig) else None
    if peer is None or peer.reads is None:
        return config
    reads = peer.reads
    if is_asked and config.data.view != reads:
        raise ATMGCNError(
            f"data.view is {config.data.view}, but the model {config.model.name} reads {reads}; leave the setting out"
        )
    holds = "features" if store.frame_size is None else "pictures of optical flow"
    if store.frame_size is None or (reads == "frames" and store.config.flow == "pictures"):
        raise UnsuitableClipsError(
            f"the model {config.model.name} reads {_VIEWS[reads]}, and {store.name} holds {holds}; name another model"
        )
    if reads == "flow" and not store.has_flow:
        raise UnsuitableClipsError(
            f"the model {config.model.name} reads optical flow, and {store.name} has none; prepare it with --flow dis, "
            "farneback or tvl1"
        )
    if "depth" in peer.beside and not store.config.depth:
        raise UnsuitableClipsError(
            f"the model {config.model.name} reads depth, and {store.name} has none; prepare recordings that have depth "
            "with --depth"
        )
    return config.merge({"data": {"view": reads}})


def _check_view(config: RunConfig, store: ClipStore) -> None:
    """Raise an :class:`ATMGCNError` unless the store has what the encoder is to read."""
    view, flow = config.data.view, store.config.flow
    if flow == "pictures" and view != "flow":
        raise ATMGCNError(
            f"data.view is {view}, but {store.name} holds pictures of optical flow; leave the setting out, or set "
            "data.view=flow"
        )
    if view != "frames" and not getattr(store, "has_flow", False):
        raise ATMGCNError(
            f"data.view is {view}, but {store.name} has no optical flow; "
            + ("leave the setting out" if store.frame_size is None else "prepare it with --flow dis, farneback or tvl1")
        )
    if config.model.input in ("flow", "both") and config.model.input != view:
        raise ATMGCNError(f"model.input is {config.model.input}, but data.view is {view}; set data.view alone")

"""The settings of a run that its frame store determines. This does not import torch."""

from collections.abc import Sequence

from atm_gcn.config import DECISIONS, NEEDS, DataConfig, RunConfig
from atm_gcn.config.messages import written
from atm_gcn.data import ClipStore
from atm_gcn.errors import ATMGCNError


def with_view_of(store: ClipStore, base: RunConfig) -> RunConfig:
    """The settings below those that are requested, with the view that the store was prepared for."""
    view = store.config.view
    return base if base.data.view != DataConfig().view else base.merge({"data": {"view": view}})


def resolve(config: RunConfig, base: RunConfig, store: ClipStore, overrides: Sequence[str] = ()) -> RunConfig:
    """The config with the settings that the store determines: the classes, and how its frames were prepared.

    Args:
        config: The requested settings.
        base: The preset below them. Its data settings are for ``prepare``; those that ``config`` changes are requests.
        store: The clips.
        overrides: The assignments among the requests, each of which must have an effect.

    Raises:
        ATMGCNError: If the store has one class only, ``config`` requests other classes or frames than it holds, or one
            of ``overrides`` has no effect.
    """
    made = store.config
    without_effect = config.data.unused & made.unused
    for key in DataConfig.model_fields.keys() - {"view"} - without_effect:
        asked, stored = getattr(config.data, key), getattr(made, key)
        allowed = [getattr(base.data, key), stored, *([DECISIONS[key]] if key in DECISIONS else [])]
        if asked not in allowed:
            found = written(stored)
            raise ATMGCNError(
                f"data.{key} is {written(asked)}, but {store.name} was prepared with {found}; {store.settings_fix}"
            )
    for key in config.without_effect(overrides):
        if key in without_effect:
            raise ATMGCNError(
                f"--set data.{key} has no effect on {store.name}; it needs "
                + ("frames" if store.frame_size is None else f"a frame store prepared with {NEEDS[key]}")
                + "; leave it out"
            )
    _check_view(config, store)
    decisions = {key: value for key, value in DECISIONS.items() if getattr(config.data, key) == value}
    classes, model = list(store.classes), config.model
    if len(classes) < 2:
        where = "y or label" if store.path is None else "label"
        raise ATMGCNError(
            f"{store.name}: all {len(store)} clips have the class {classes[0]!r}; add clips of another, in {where}"
        )
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
    return config.merge({"model": given, "data": made.model_dump() | decisions | {"view": view}})


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

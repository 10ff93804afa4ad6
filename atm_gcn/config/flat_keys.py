"""Flat keys of the training's settings, such as ``train.lr``, which versions up to 0.1 used instead of sections."""

import logging
from collections.abc import Mapping
from typing import Any

from atm_gcn.config.messages import written

log = logging.getLogger(__name__)

_SECTIONS = {
    "optim": ("epochs", "batch_size", "lr", "lr_decay", "weight_decay", "focal_gamma", "class_weights"),
    "augment": ("crop", "flip", "jitter"),
    "protocol": ("folds", "test", "validation_subjects", "select", "patience", "seed", "seeds"),
    "compute": (
        *("device", "devices", "num_workers", "threads", "save_every", "tensorboard", "gpus_per_fold"),
        *("sync_batchnorm", "precision", "compile", "checkpoint", "channels_last"),
    ),
}
FLAT: dict[str, tuple[str, str]] = {
    **{name: (section, name) for section, names in _SECTIONS.items() for name in names},
    "protocol": ("protocol", "kind"),
    "max_frames": ("compute", "frames_per_pass"),
}
"""Section and name of the setting that a flat key below ``train`` stands for."""
_FLAT_NAMES = {place: key for key, place in FLAT.items()}
_MOST_NAMED = 8


def is_flat(key: str, value: Any) -> bool:
    """Whether a key below ``train`` with that value is a flat one; ``protocol`` is also the name of a section."""
    return key in FLAT and (key != "protocol" or isinstance(value, str))


def separate(train: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Split the settings below ``train`` into those in sections, and those under flat keys, by their sections."""
    current: dict[str, Any] = {}
    flat: dict[str, dict[str, Any]] = {}
    for key, value in train.items():
        if is_flat(key, value):
            section, name = FLAT[key]
            flat.setdefault(section, {})[name] = value
        else:
            current[key] = value
    return current, flat


def combine(current: Mapping[str, Any], flat: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Settings below ``train`` from both parts of :func:`separate`.

    Raises:
        ValueError: If a flat key and its section's key have different values.
    """
    result = dict(current)
    for section, settings in flat.items():
        own = {} if current.get(section) is None else current[section]
        if not isinstance(own, Mapping):
            continue  # which the section refuses
        for name, value in settings.items():
            if own.get(name, value) != value:
                raise ValueError(
                    f"{section}.{name} is {written(own[name])}, but train.{_FLAT_NAMES[section, name]}, its earlier "
                    f"name, is {written(value)}; leave the earlier name out"
                )
        result[section] = {**settings, **own}
    return result


def note(flat: Mapping[str, Mapping[str, Any]]) -> None:
    """Log which keys to write instead of flat ones."""
    moved = [
        f"train.{section}.{name} instead of train.{_FLAT_NAMES[section, name]}"
        for section, settings in flat.items()
        for name in settings
    ]
    if moved:
        more = f" and {len(moved) - _MOST_NAMED} more" if len(moved) > _MOST_NAMED else ""
        log.warning("the settings of the training are in sections; use %s%s", ", ".join(moved[:_MOST_NAMED]), more)

"""Checks of a training state read from a file: that it is one that such a training can have written."""

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from atm_gcn.training.loop.averaging import averaged_before, weights_of
from atm_gcn.training.loop.optimizer import SLOTS
from atm_gcn.training.loop.trainer import Trainer

SQUARES = "exp_avg_sq"


def check_place(place: Mapping[str, Any], trainer: Trainer) -> None:
    """Raise a :class:`ValueError` unless ``place`` is a position in this training, with the log up to it."""
    epoch, step, log = place["epoch"], place["step"], place["log"]
    if not (_is_whole(epoch) and 1 <= epoch <= trainer.settings.epochs + 1):
        raise ValueError(f"its epoch is {epoch!r:.60}")
    if not (_is_whole(step) and 0 <= step < len(trainer.loader)):
        raise ValueError(f"its step is {step!r:.60}")
    if not (_is_number(place["seconds"]) and isinstance(place["stopped"], bool)):
        raise ValueError("its times are no numbers")
    if not (isinstance(log, list) and len(log) == epoch - 1):
        raise ValueError("its log has other epochs")
    for number, record in enumerate(log, start=1):
        values = list(record.values())
        if record["epoch"] != number or not all(value is None or _is_logged(value) for value in values):
            raise ValueError(f"its log of epoch {number} holds what no training writes")


def check_settings(given: Any, own: Mapping[str, Any], varying: Mapping[str, float], what: str) -> None:
    """Compare the settings of an optimiser or a schedule with this training's own.

    Args:
        given: Settings in the file.
        own: Settings of this training, at its start.
        varying: Those that change while training, with the upper bound of each, or of each number in its list.
        what: Name of the settings in an error.

    Raises:
        ValueError: If one is missing, differs, or is out of its range.
    """
    if not (isinstance(given, dict) and given.keys() == own.keys()):
        raise ValueError(f"its {what} has other entries")
    for key, value in own.items():
        if key not in varying:
            fits = given[key] == (list(value) if isinstance(value, tuple) else value)
        else:
            numbers = given[key] if isinstance(value, list) else [given[key]]
            fits = len(numbers) == (len(value) if isinstance(value, list) else 1)
            fits = fits and all(_is_number(number) and 0 <= number <= varying[key] for number in numbers)
        if not fits:
            raise ValueError(f"its {what}'s {key} is {given[key]!r:.60}")


def check_tensors(tensors: Mapping[str, Tensor], trainer: Trainer) -> None:
    """Raise a :class:`ValueError` unless the tensors of the optimiser, the totals and the best model fit."""
    parameters = [parameter for group in trainer.optimizer.param_groups for parameter in group["params"]]
    slots: dict[int, set[str]] = {}
    for name, tensor in tensors.items():
        section, _, rest = name.partition(".")
        if section == "optimizer":
            number, _, slot = rest.partition(".")
            slots.setdefault(int(number), set()).add(slot)
            if tensor.shape != (() if slot == "step" else parameters[int(number)].shape):
                raise ValueError(f"{name} has another size")
            if (
                not tensor.isfinite().all()
                or (slot == "step" and tensor < 1)
                or (slot == SQUARES and (tensor < 0).any())
            ):
                raise ValueError(f"{name} holds what no training writes")
        elif section == "totals" and not (tensor.dim() == 0 and tensor.isfinite()):
            raise ValueError(f"{name} is no finite number")
    if any(found != SLOTS[trainer.settings.optimizer] for found in slots.values()):
        raise ValueError("its optimiser lacks tensors")
    best = {name: tensor.shape for name, tensor in tensors.items() if name.startswith("best.")}
    if best and best != {f"best.{name}": tensor.shape for name, tensor in trainer.model.state_dict().items()}:
        raise ValueError("its best model has other tensors")


def check_mean(mean: Mapping[str, Tensor], epoch: int, trainer: Trainer) -> None:
    """Raise a :class:`ValueError` unless the mean of the weights is one that a training has in that epoch."""
    expected = weights_of(trainer.model) if averaged_before(epoch, trainer.settings) else {}
    if {name: value.shape for name, value in mean.items()} != {name: one.shape for name, one in expected.items()}:
        raise ValueError("the mean of its weights has other tensors")
    broken = next((name for name, value in mean.items() if not value.isfinite().all()), None)
    if broken:
        raise ValueError(f"mean.{broken} is not finite")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_logged(value: Any) -> bool:
    return all(map(_is_whole, value)) if isinstance(value, list) else _is_number(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

"""A training that was left in mid-fold, on disk: everything that taking it up again needs.

Model, optimiser, learning-rate schedule, place, sums of the epoch under way, log, and the best model so far. What is
drawn at random follows from seed and place (see :class:`~atm_gcn.training.loop.trainer.Fitting`) and needs no saving.
"""

from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.tensors import read_tensors, write_tensors
from atm_gcn.training.loop.state_check import check_place, check_settings, check_tensors
from atm_gcn.training.loop.step import Totals
from atm_gcn.training.loop.trainer import Fitting

FORMAT = 1
FILE_NAME = "state.safetensors"
MEND = "delete it, and the fold begins again from its first epoch"
PLACE = ("seed", "epoch", "step", "seconds", "stopped", "log")


class State(NamedTuple):
    """A training's state: tensors by name, and JSON."""

    tensors: dict[str, Tensor]
    header: dict[str, Any]


def state_of(fitting: Fitting) -> State:
    """The state of a training as it is now."""
    optimizer = fitting.optimizer.state_dict()
    tensors = {f"model.{name}": tensor for name, tensor in fitting.model.state_dict().items()}
    tensors |= {f"best.{name}": tensor for name, tensor in (fitting.best or {}).items()}
    tensors |= {f"totals.{name}": tensor for name, tensor in fitting.totals._asdict().items()}
    for number, slots in optimizer["state"].items():
        tensors |= {f"optimizer.{number}.{slot}": tensor for slot, tensor in slots.items()}
    header = {
        "format": FORMAT,
        "place": {name: getattr(fitting, name) for name in PLACE},
        "groups": optimizer["param_groups"],
        "schedule": fitting.scheduler.state_dict(),
    }
    return State(tensors, header)


def save_state(path: Path, fitting: Fitting) -> None:
    """Write a training's state, whole or not at all.

    Raises:
        ATMGCNError: If the file cannot be written.
    """
    write_tensors(path, *state_of(fitting))


def load_state(path: Path) -> State:
    """Read what :func:`save_state` wrote.

    Raises:
        ATMGCNError: If the file is damaged.
    """
    return State(*read_tensors(path, "state of a training", MEND, FORMAT))


def restore(fitting: Fitting, state: State, path: Path) -> None:
    """Put a training where the state is from, which has the same settings, seed and clips.

    Args:
        fitting: Of the same model.
        state: From :func:`load_state`.
        path: Its file, for errors.

    Raises:
        ATMGCNError: If the state is of another model or another seed.
    """
    tensors, header = state
    device = next(fitting.model.parameters()).device
    try:
        if header["place"]["seed"] != fitting.seed:
            raise ATMGCNError(f"{path}: was saved by a training with another seed; {MEND}")
        check_place(header["place"], fitting)
        lr, steps = fitting.settings.lr, fitting.settings.epochs + 1
        for group, own in zip(header["groups"], fitting.optimizer.state_dict()["param_groups"], strict=True):
            check_settings(group, own, {"lr": lr}, "optimiser")
        varying = {"last_epoch": steps, "_step_count": steps, "_last_lr": lr}
        check_settings(header["schedule"], fitting.scheduler.state_dict(), varying, "schedule")
        check_tensors(tensors, fitting)
        fitting.model.load_state_dict(_below("model", tensors))
        _load_optimizer(fitting.optimizer, _below("optimizer", tensors), header["groups"])
        fitting.scheduler.load_state_dict(header["schedule"])
        totals = _below("totals", tensors)
        fitting.totals = Totals(**{name: tensor.to(device) for name, tensor in totals.items()})
        fitting.best = {name: tensor.to(device) for name, tensor in _below("best", tensors).items()} or None
        for name in PLACE:
            setattr(fitting, name, header["place"][name])
    except (LookupError, ValueError, TypeError, AttributeError, RuntimeError, OverflowError) as error:
        raise ATMGCNError(f"{path}: does not fit the model ({str(error).splitlines()[0]}); {MEND}") from error


def _below(section: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    start = f"{section}."
    return {name.removeprefix(start): tensor for name, tensor in tensors.items() if name.startswith(start)}


def _load_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor], groups: list[dict[str, Any]]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        number, slot = name.split(".")
        state.setdefault(int(number), {})[slot] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": groups})
    for parameter, slots in optimizer.state.items():
        for slot, tensor in slots.items():
            if slot != "step":  # strides as the parameter's: sums over others could round differently
                slots[slot] = torch.empty_like(parameter).copy_(tensor)

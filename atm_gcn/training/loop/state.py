"""The state of an interrupted training on disk: all that resuming it needs.

That is the model, the optimiser, the learning-rate schedule, the position in the training, the sums over the epoch
under way, the log, and the best model or the mean of the weights so far. What is drawn at random depends on seed and
position, see :class:`~atm_gcn.training.loop.trainer.Trainer`, and is not saved.
"""

from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.tensors import read_tensors, write_tensors
from atm_gcn.training.loop.state_check import check_mean, check_place, check_settings, check_tensors
from atm_gcn.training.loop.step import Totals
from atm_gcn.training.loop.trainer import Trainer

FORMAT = 1
FIX = "delete it, and the fold begins again from its first epoch"
PLACE = ("seed", "epoch", "step", "seconds", "stopped", "log")


class State(NamedTuple):
    """A training's state: tensors by name, and JSON."""

    tensors: dict[str, Tensor]
    header: dict[str, Any]

    def below(self, section: str) -> dict[str, Tensor]:
        """The tensors of a section, such as ``"model"``, by their names in it."""
        start = f"{section}."
        return {name.removeprefix(start): tensor for name, tensor in self.tensors.items() if name.startswith(start)}


def state_of(trainer: Trainer) -> State:
    """The current state of a training."""
    optimizer = trainer.optimizer.state_dict()
    tensors = {f"model.{name}": tensor for name, tensor in trainer.model.state_dict().items()}
    tensors |= {f"best.{name}": tensor for name, tensor in (trainer.best or {}).items()}
    tensors |= {f"mean.{name}": tensor for name, tensor in (trainer.mean or {}).items()}
    tensors |= {f"totals.{name}": tensor for name, tensor in trainer.totals._asdict().items()}
    for number, slots in optimizer["state"].items():
        tensors |= {f"optimizer.{number}.{slot}": tensor for slot, tensor in slots.items()}
    header = {
        "format": FORMAT,
        "place": {name: getattr(trainer, name) for name in PLACE},
        "groups": optimizer["param_groups"],
        "schedule": trainer.scheduler.state_dict(),
    }
    return State(tensors, header)


def save_state(path: Path, trainer: Trainer) -> None:
    """Write a training's state, whole or not at all.

    Raises:
        ATMGCNError: If the file cannot be written.
    """
    write_tensors(path, *state_of(trainer))


def load_state(path: Path) -> State:
    """Read what :func:`save_state` wrote.

    Raises:
        ATMGCNError: If the file is damaged.
    """
    return State(*read_tensors(path, "state of a training", FIX, FORMAT))


def restore(trainer: Trainer, state: State, path: Path) -> None:
    """Set a trainer to a saved state of a training with the same settings, seed and clips.

    Args:
        trainer: A trainer of the same model.
        state: From :func:`load_state`.
        path: File of the state, for errors.

    Raises:
        ATMGCNError: If the state is of another model or another seed.
    """
    tensors, header = state
    device = next(trainer.model.parameters()).device
    try:
        if header["place"]["seed"] != trainer.seed:
            raise ATMGCNError(f"{path}: was saved by a training with another seed; {FIX}")
        check_place(header["place"], trainer)
        steps, groups = trainer.settings.epochs + 1, trainer.optimizer.state_dict()["param_groups"]
        for group, own in zip(header["groups"], groups, strict=True):
            earlier = {"fused": own["fused"]} if group["fused"] is None else {}  # goes on as it began
            check_settings(group | earlier, own, {"lr": own["initial_lr"]}, "optimiser")
        varying = {
            "last_epoch": steps,
            "_step_count": steps,
            "_last_lr": max(own["initial_lr"] for own in groups),
        }
        check_settings(header["schedule"], trainer.scheduler.state_dict(), varying, "schedule")
        check_tensors(tensors, trainer)
        check_mean(state.below("mean"), header["place"]["epoch"], trainer)
        trainer.model.load_state_dict(state.below("model"))
        _load_optimizer(trainer.optimizer, state.below("optimizer"), header["groups"])
        trainer.scheduler.load_state_dict(header["schedule"])
        totals = state.below("totals")
        trainer.totals = Totals(**{name: tensor.to(device) for name, tensor in totals.items()})
        trainer.best = {name: tensor.to(device) for name, tensor in state.below("best").items()} or None
        trainer.mean = {name: tensor.to(device) for name, tensor in state.below("mean").items()} or None
        for name in PLACE:
            setattr(trainer, name, header["place"][name])
    except (LookupError, ValueError, TypeError, AttributeError, RuntimeError, OverflowError) as error:
        raise ATMGCNError(f"{path}: does not fit the model ({str(error).splitlines()[0]}); {FIX}") from error


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

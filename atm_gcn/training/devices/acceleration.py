"""How a model computes: its precision, compilation, and recomputation of the forward pass to save memory.

Prediction follows the same rules as training except for compilation, so that a model gives the same answer in both.
"""

import logging
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import torch
from torch import nn

from atm_gcn.config import TrainConfig
from atm_gcn.encoders import Accelerable, Cost
from atm_gcn.machine import Machine
from atm_gcn.training.devices.device import log_once
from atm_gcn.training.devices.freed_memory import keep_freed_memory

M = TypeVar("M", bound=nn.Module)

NARROW = 32  # channels; narrower convolutions gain nothing from bfloat16, narrower batch norm loses in channels_last
WORTH_COMPILING = 1e14  # multiply-adds of a training; below it, compiling takes longer than it saves
MAPS_KEPT = {False: 10.0, True: 3.5}  # peak memory of a frame, in widest maps, without and with checkpointing
USABLE = 0.5  # of the memory; the rest is for other processes


class Acceleration(NamedTuple):
    """Arguments of ``MotionEncoder.accelerate``."""

    precision: torch.dtype = torch.float32
    compile: bool = False
    checkpoint: bool = False
    channels_last: bool = True

    def __str__(self) -> str:
        words = [str(self.precision).removeprefix("torch.")]
        words += [name.replace("_", " ") for name in ("compile", "checkpoint", "channels_last") if getattr(self, name)]
        return ", ".join(words)


def accelerate(
    model: M,
    settings: TrainConfig | None = None,
    num_frames: Sequence[int] = (),
    size: int | None = 224,
    machine: Machine | None = None,
) -> M:
    """Set how a model computes on its device.

    Args:
        model: Changed in place; left as it is if it has no :class:`~atm_gcn.encoders.Accelerable` ``encoder``.
        settings: Of the training; None takes the defaults.
        num_frames: Frames of every training clip; empty for prediction.
        size: Height and width of a frame; None if there are features instead, so that no encoder computes.
        machine: What ``"auto"`` depends on; None takes this machine.
    """
    device = next(model.parameters()).device
    if device.type == "cpu":
        keep_freed_memory()
    encoder = getattr(model, "encoder", None)
    if size is None or not isinstance(encoder, Accelerable):
        return model
    cost, machine = encoder.cost(size), machine or Machine.of(device)
    chosen = acceleration_for(cost, settings or TrainConfig(), num_frames, machine)
    encoder.accelerate(*chosen)
    log_once(f"the encoder computes on {device.type} in {chosen}", logging.DEBUG)
    return model


def acceleration_for(cost: Cost, settings: TrainConfig, num_frames: Sequence[int], machine: Machine) -> Acceleration:
    """Resolve the settings for an encoder of this cost on this machine; see :func:`accelerate` for the arguments."""
    precision = settings.compute.precision
    if precision == "auto":
        precision = "bfloat16" if cost.narrowest >= NARROW and machine.bfloat16 else "float32"
    elif precision == "bfloat16" and not machine.bfloat16:
        log_once(
            "this device has no instructions for bfloat16, which is far slower without; "
            "leave train.compute.precision out",
            logging.WARNING,
        )
    channels_last = settings.compute.channels_last
    if channels_last == "auto":
        channels_last = cost.narrowest >= NARROW
    chosen = Acceleration(getattr(torch, precision), channels_last=channels_last)
    if num_frames:
        work = settings.optim.epochs * sum(num_frames) * cost.multiply_adds
        chosen = chosen._replace(compile=_compiles(settings, work, machine))
        chosen = chosen._replace(checkpoint=_checkpoints(settings, chosen, cost, num_frames, machine))
    return chosen


def _compiles(settings: TrainConfig, work: int, machine: Machine) -> bool:
    if not (work > WORTH_COMPILING if settings.compute.compile == "auto" else settings.compute.compile):
        return False
    if not machine.compiler:
        log_once(
            "no compiler is found, so the encoder is not compiled; install one, or set train.compute.compile=false"
        )
        return False
    return True


def _checkpoints(
    settings: TrainConfig, chosen: Acceleration, cost: Cost, num_frames: Sequence[int], machine: Machine
) -> bool:
    most = settings.compute.frames_per_pass or sum(sorted(num_frames)[-settings.optim.batch_size :])
    widest = cost.largest_map * chosen.precision.itemsize
    have = machine.memory
    needs = {again: most * widest * maps for again, maps in MAPS_KEPT.items()}
    checkpoint = needs[False] > USABLE * have if settings.compute.checkpoint == "auto" else settings.compute.checkpoint
    if needs[checkpoint] > have:
        log_once(
            f"a step on {most} frames needs about {needs[checkpoint] / 1e9:.0f} GB of {have / 1e9:.0f} GB of memory; "
            "set train.compute.frames_per_pass to fewer",
            logging.WARNING,
        )
    return checkpoint

"""Trains one fold of a store for some steps, alone or under torchrun, and prints the loss of every step as JSON.

    torchrun --nproc-per-node 2 -m tests.training.execution.two_processes STORE PRESET FOLDS STEPS [SETTINGS]

In float64, where rounding cannot grow: in float32, one process with one thread and one process with two are as far
apart after a few steps of AdamW as one process and two are.
"""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path

import torch

from atm_gcn.config import RunConfig
from atm_gcn.data import FrameStore
from atm_gcn.training.devices.group import SINGLE_DEVICE
from atm_gcn.training.execution.fabric import FabricDevices
from atm_gcn.training.loop.checkpointing import CheckpointManager
from atm_gcn.training.loop.fold import train_fold
from atm_gcn.training.preflight import resolve
from atm_gcn.training.protocol.tasks import tasks_of
from tests.runs import tiny_config, with_train


class Enough(Exception):
    """So many steps are done."""


class Losses(CheckpointManager):
    """Keeps the loss of every step, and writes nothing."""

    def __init__(self, steps: int) -> None:
        super().__init__(Path(), 1)
        self.steps, self.losses, self.before = steps, [], (0.0, 0.0)

    def restore(self, trainer) -> None:
        """There is nothing to restore."""

    def after_step(self, trainer) -> None:
        """Note the loss, as often as asked."""
        if trainer.step:
            total, clips = float(trainer.totals.loss), float(trainer.totals.clips)
            self.losses.append((total - self.before[0]) / (clips - self.before[1]))
            self.before = total, clips
        else:
            self.losses.append(None)  # its sum went into the epoch's record
            self.before = 0.0, 0.0
        if len(self.losses) == self.steps:
            raise Enough


def main(path: str, preset: str, folds: str, steps: str, settings: str = "{}") -> None:
    torch.set_default_dtype(torch.float64)
    store = FrameStore.open(path)
    base = tiny_config() if preset == "tiny" else RunConfig.preset(preset)
    train = {"kind": "kfold", "folds": int(folds), "sync_batchnorm": True, "device": "cpu", "threads": 1}
    config = resolve(with_train(base, **train | json.loads(settings)), base, store)
    size = int(os.environ.get("WORLD_SIZE", 1))
    group, checkpoints = FabricDevices(size, "cpu") if size > 1 else SINGLE_DEVICE, Losses(int(steps))
    task = tasks_of(config, store)[0]
    with suppress(Enough):
        train_fold(config, store, task.fold, task.fold_seed, checkpoints=checkpoints, group=group)
    if group.rank == 0:
        print(json.dumps(checkpoints.losses))
    if size > 1:
        group.leave()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""What executors share: the context of a run, the training of one task, and the listener to its progress."""

from collections.abc import Callable, Generator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch

from atm_gcn.building import Builder
from atm_gcn.config import RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.training.devices.group import SINGLE_DEVICE, DeviceGroup
from atm_gcn.training.execution.tensorboard import TensorBoardLog
from atm_gcn.training.loop.checkpointing import CheckpointManager
from atm_gcn.training.loop.fold import FoldResult, train_fold
from atm_gcn.training.loop.trainer import Record
from atm_gcn.training.protocol.tasks import Task
from atm_gcn.training.results.layout import fold_folder


@dataclass(frozen=True)
class RunContext:
    """What all tasks of a run have in common.

    Args:
        config: Settings of the run.
        store: The clips.
        folder: Folder of the run, where a task keeps its log and state while it trains.
        build_model: Builds the models; None takes what the config names. Other processes import it by its name.
    """

    config: RunConfig
    store: ClipStore
    folder: Path
    build_model: Builder | None = None


class Listener(Protocol):
    """Receives the progress of tasks."""

    def begin(self, label: str) -> None:
        """Called when a task begins, or begins again after its process was lost."""

    def epoch(self, label: str, record: Record) -> None:
        """Called when an epoch of a task ends, with its record."""


Results = Generator[tuple[Task, FoldResult], None, None]


class Executor(Protocol):
    """Trains the tasks of a run."""

    def run(self, context: RunContext, tasks: Sequence[Task], listener: Listener, stop: Callable[[], bool]) -> Results:
        """Train every task, and yield each result as it comes, in any order.

        If the generator is closed early, the state of every task under way is saved first.

        Args:
            context: What the tasks have in common.
            tasks: The tasks to train.
            listener: Receives their progress.
            stop: Polled; true once the run is to stop.

        Raises:
            ATMGCNError: If a task fails; the states of the others under way are saved.
            Interrupted: After ``stop``, once the states of the tasks under way are saved.
        """


def train_task(
    context: RunContext,
    task: Task,
    on_epoch: Callable[[Record], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    device: torch.device | None = None,
    group: DeviceGroup = SINGLE_DEVICE,
) -> FoldResult:
    """Train one task, resuming from its saved state if there is one.

    Args:
        context: What the tasks have in common.
        task: The task to train.
        on_epoch: Called with each epoch's record as it ends.
        stop: Polled after every step; true once the task is to stop.
        device: None takes that of the run's settings.
        group: The devices that train the task together.

    Raises:
        Interrupted: After ``stop``, once the state is saved.
    """
    settings, folder = context.config.train.compute, fold_folder(context.folder, task.path)
    checkpoints = CheckpointManager(folder, settings.save_every, stop, group, task.label)
    with TensorBoardLog(folder) if settings.tensorboard and group.rank == 0 else nullcontext() as board:
        callbacks = [callback for callback in (on_epoch, board) if callback]

        def report(record: Record) -> None:
            for callback in callbacks:
                callback(record)

        return train_fold(
            context.config,
            context.store,
            task.fold,
            task.fold_seed,
            device,
            report,
            checkpoints=checkpoints,
            group=group,
            build_model=context.build_model,
            initial=task.initial,
        )

"""What executors share: the work of a run, the training of one task, and whom to tell how far it is."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import torch

from atm_gcn.config import RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.training.devices.group import ALONE, Alone
from atm_gcn.training.loop.checkpointing import Keeper
from atm_gcn.training.loop.fold import FoldResult, train_fold
from atm_gcn.training.loop.trainer import Record
from atm_gcn.training.protocol.tasks import Task
from atm_gcn.training.results.tensorboard import Scalars

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Work:
    """What all tasks of a run have in common.

    Args:
        config: Of the run.
        store: The clips.
        folder: Of the run, where a task keeps its log and state while it trains.
    """

    config: RunConfig
    store: ClipStore
    folder: Path


class Relay:
    """Logs here what tasks log elsewhere, and what many processes say alike only once."""

    def __init__(self) -> None:
        self.said: set[str] = set()

    def __call__(self, level: int, message: str) -> None:
        """Log a record of another process."""
        if message not in self.said:
            self.said.add(message)
            log.log(level, message)


class Listener(Protocol):
    """Is told how far the tasks are."""

    def begin(self, label: str) -> None:
        """A task begins, or begins again after its process was lost."""

    def epoch(self, label: str, record: Record) -> None:
        """An epoch of a task ended."""


class Executor(Protocol):
    """Trains tasks somewhere."""

    def run(
        self, work: Work, tasks: Sequence[Task], listener: Listener, stop: Callable[[], bool]
    ) -> Iterator[tuple[Task, FoldResult]]:
        """Train every task, and yield each result as it comes, in any order.

        Where an iterator is closed early, tasks under way are left with their states saved.

        Args:
            work: What the tasks have in common.
            tasks: What to train.
            listener: Told how far it is.
            stop: Asked again and again whether to leave off.

        Raises:
            ATMGCNError: If a task fails; those under way are left with their states saved.
            Interrupted: After ``stop``, once the states of those under way are saved.
        """


def train_task(
    work: Work,
    task: Task,
    on_epoch: Callable[[Record], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    device: torch.device | None = None,
    team: Alone = ALONE,
) -> FoldResult:
    """Train one task, from where an earlier training of it was left.

    Args:
        work: What the tasks have in common.
        task: Which one.
        on_epoch: Called with each epoch's record as it ends.
        stop: Asked after every step whether to leave off.
        device: None takes that of ``config.train.device``.
        team: The devices that train it together.

    Raises:
        Interrupted: After ``stop``, once the state is saved.
    """
    settings, folder = work.config.train, work.folder / "folds" / task.path
    keeper = Keeper(folder, settings.save_every, stop, team)
    told = [on_epoch] if on_epoch else []
    with Scalars(folder) if settings.tensorboard and team.rank == 0 else nullcontext() as scalars:
        told += [scalars] if scalars else []
        return train_fold(
            work.config, work.store, task.fold, task.fold_seed, device, partial(_tell, told), keeper=keeper, team=team
        )


def _tell(listeners: Sequence[Callable[[Record], None]], record: Record) -> None:
    for listener in listeners:
        listener(record)

"""Training in which one batch holds all clips: the batch is collated once instead of once per epoch."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from atm_gcn.config import TrainConfig
from atm_gcn.data import MERDataset, collate_clips
from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.training.devices.group import DeviceGroup
from atm_gcn.training.execution.executor import Listener, Results, RunContext
from atm_gcn.training.loop.fold import FoldResult, train_fold
from atm_gcn.training.loop.loader import Share, StepBatches, TrainingLoader
from atm_gcn.training.loop.trainer import Record
from atm_gcn.training.protocol.tasks import Task


class FullBatchExecutor:
    """Trains in this process as :class:`~atm_gcn.training.execution.SerialExecutor` does, with one step per epoch.

    Splits, seeds, initial weights and steps are the same; the order of the clips within the batch, on which only
    dropout and rounding depend, is that of the store in every epoch. A fold that is interrupted begins again.
    """

    def run(self, context: RunContext, tasks: Sequence[Task], listener: Listener, stop: Callable[[], bool]) -> Results:
        """See :meth:`~atm_gcn.training.execution.executor.Executor.run`.

        Raises:
            ATMGCNError: If a batch does not hold all training clips, or clips are augmented.
        """
        settings = context.config.train
        largest = max(len(task.fold.train) for task in tasks)
        if settings.optim.batch_size < largest:
            raise ATMGCNError(f"train.optim.batch_size must be at least {largest}, not {settings.optim.batch_size}")
        if settings.augment != type(settings.augment)():
            raise ATMGCNError("train.augment must keep its defaults, which change no clip")
        for task in tasks:
            listener.begin(task.label)
            yield task, train(context, task, partial(listener.epoch, task.label), stop)


class OneBatchLoader(TrainingLoader):
    """One step of all clips, whose batch is kept."""

    def __init__(self, dataset: MERDataset, settings: TrainConfig, seed: int, group: DeviceGroup) -> None:
        super().__init__(dataset, settings, seed, group)
        self.batch = collate_clips(list(dataset))

    def begin(self, epoch: int, done: int = 0) -> None:
        """Every epoch has the same batch."""

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[StepBatches]:
        return iter([StepBatches([self.batch], Share(first=0, passes=1))])


def train(context: RunContext, task: Task, on_epoch: Callable[[Record], None], stop: Callable[[], bool]) -> FoldResult:
    """Train and test one task.

    Raises:
        Interrupted: After ``stop``.
    """

    def check(record: Record) -> None:
        on_epoch(record)
        if stop() and record["epoch"] < context.config.train.optim.epochs:
            raise Interrupted

    return train_fold(
        context.config,
        context.store,
        task.fold,
        task.fold_seed,
        on_epoch=check,
        build_model=context.build_model,
        make_loader=OneBatchLoader,
    )

"""Training in which one batch holds all clips: the batch is collated once instead of once per epoch."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from torch import nn

from atm_gcn.building import build
from atm_gcn.data import MERDataset, collate_clips
from atm_gcn.errors import ATMGCNError, Interrupted
from atm_gcn.training.devices.acceleration import accelerate
from atm_gcn.training.devices.device import choose_device, reproducible
from atm_gcn.training.execution.executor import Listener, Results, RunContext
from atm_gcn.training.loop.fold import FoldResult
from atm_gcn.training.loop.loader import Share, StepBatches, evaluation_loader
from atm_gcn.training.loop.step import predict
from atm_gcn.training.loop.trainer import Record, Trainer, loss_function
from atm_gcn.training.protocol.splits import clips_and_labels
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


class OneBatchLoader:
    """What :class:`~atm_gcn.training.loop.loader.TrainingLoader` is to a trainer, for one step of all clips."""

    def __init__(self, dataset: MERDataset) -> None:
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

    def check(trainer: Trainer) -> None:
        if stop() and not trainer.is_done:
            raise Interrupted

    config, store, fold = context.config, context.store, task.fold
    dataset = MERDataset(store, window=config.model.window, view=config.data.view)
    clips, labels = clips_and_labels(store)
    device = choose_device(config.train.compute.device, "train.compute.device")
    with reproducible(task.fold_seed, device, config.train.compute.threads):
        selected = dataset[fold.train]
        model: nn.Module = build(config.model, context.build_model).to(device)
        accelerate(model, config.train, selected.num_frames, store.input_size(config.data.view))
        loss = loss_function(config.train.optim, [labels[i] for i in fold.train], len(store.classes), device)
        trainer = Trainer(model, OneBatchLoader(selected), loss, config.train, task.fold_seed)
        trainer.run(on_epoch, after_step=check)
        probabilities = predict(model, evaluation_loader(dataset[fold.test], config.train))
    return FoldResult(
        name=fold.name,
        clips=[clips[i].key for i in fold.test],
        subjects=[clips[i].subject_key for i in fold.test],
        labels=[labels[i] for i in fold.test],
        probabilities=probabilities,
        state_dict={name: tensor.detach().cpu() for name, tensor in model.state_dict().items()},
        log=trainer.log,
    )

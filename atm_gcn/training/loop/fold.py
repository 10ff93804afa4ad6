"""One fold: train on some clips, by default on those of everybody but one subject, then predict the held-out ones.

A fold is a function of its config, the store, the split and a seed. It reads nothing else and leaves nothing behind,
so that it gives the same result alone, in any order, and in any process.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from atm_gcn.config import RunConfig
from atm_gcn.data import ClipStore, MERDataset
from atm_gcn.model import ATMGCN
from atm_gcn.training.devices.acceleration import accelerate
from atm_gcn.training.devices.batch_norm import synchronize
from atm_gcn.training.devices.device import choose_device, reproducible
from atm_gcn.training.devices.group import ALONE, Alone
from atm_gcn.training.loop.checkpointing import Keeper
from atm_gcn.training.loop.early_stopping import validation_judge
from atm_gcn.training.loop.loader import evaluation_loader, training_loader
from atm_gcn.training.loop.step import predict
from atm_gcn.training.loop.trainer import Diverged, Fitting, Judge, Record, loss_function
from atm_gcn.training.protocol.seeds import derive_seed
from atm_gcn.training.protocol.splits import Fold, clips_and_labels, fold_of, warn_of_missing_classes


@dataclass(frozen=True)
class FoldResult:
    """What a fold gives.

    Args:
        name: Of the fold; with one subject held out, that subject's key.
        clips: Keys of the held-out clips.
        subjects: Keys of their subjects, ``[num_clips]``.
        labels: Their classes, ``[num_clips]``.
        probabilities: What the model gives each class, float64 ``[num_clips, C]``; rows sum to 1.
        state_dict: The model after the last epoch, or the one that validation clips chose; on the CPU.
        log: One record an epoch: epoch, loss, training accuracy, learning rate, seconds.
    """

    name: str
    clips: list[str]
    subjects: list[str]
    labels: list[int]
    probabilities: Tensor
    state_dict: dict[str, Tensor] = field(repr=False)
    log: list[Record] = field(repr=False)


def train_fold(
    config: RunConfig,
    store: ClipStore,
    fold: Fold | str,
    seed: int | None = None,
    device: torch.device | None = None,
    on_epoch: Callable[[Record], None] | None = None,
    judge: Judge | None = None,
    keeper: Keeper | None = None,
    team: Alone = ALONE,
) -> FoldResult:
    """Train on a fold's training clips and predict its held-out ones.

    The held-out clips choose nothing: the model is that of the last epoch, or the one that ``judge`` keeps, and class
    weights come from the training clips.

    Args:
        config: With ``model.num_classes`` set.
        store: Clips of all subjects.
        fold: The split, or the key of the one subject to hold out.
        seed: Seed of the fold; None derives it from ``config.train.seed`` and the fold's name.
        device: None takes that of ``config.train.device``.
        on_epoch: Called with each epoch's record as it ends.
        judge: Asked after each epoch whether to keep its model and whether to stop; None lets the fold's validation
            clips decide where it has any.
        keeper: Writes the training's state as it goes, and begins with the one that it finds; None writes nothing.
        team: The devices that train together, each in a process that calls this.

    Raises:
        ATMGCNError: If the subject has no clips or nobody else has, or the training diverges.
        Interrupted: If the keeper was asked to leave the training.
    """
    settings = config.train
    device = device or choose_device(settings.device, "train.device (--device)")
    dataset = MERDataset(store, window=config.model.window)
    clips, labels = clips_and_labels(store)
    fold = fold_of(clips, fold) if isinstance(fold, str) else fold
    seed = derive_seed(settings.seed, fold.name) if seed is None else seed
    warn_of_missing_classes(labels, store.classes, fold)
    with reproducible(seed, device, settings.threads):
        train = dataset[fold.train]
        model = ATMGCN(config.model).to(device)
        if settings.sync_batchnorm and team.size > 1:
            model = synchronize(model)
        accelerate(model, settings, train.num_frames, store.config.size)
        loader = training_loader(train, settings, seed, team)
        loss = loss_function(settings, [labels[i] for i in fold.train], config.model.num_classes, device)
        if fold.validation and judge is None:
            chosen = [labels[i] for i in fold.validation]
            judge = validation_judge(evaluation_loader(dataset[fold.validation], settings), chosen, settings)
        fitting = Fitting(model, loader, loss, settings, seed, team)
        if keeper:
            keeper.restore(fitting)
        try:
            fitting.run(on_epoch, judge, keeper.after_step if keeper else None)
        except Diverged as error:
            raise Diverged(f"fold {fold.name}: {error}") from error
        probabilities = torch.empty(0, config.model.num_classes, dtype=torch.float64)
        if fold.test:
            probabilities = predict(model, evaluation_loader(dataset[fold.test], settings))
    return FoldResult(
        name=fold.name,
        clips=[clips[i].key for i in fold.test],
        subjects=[clips[i].subject_key for i in fold.test],
        labels=[labels[i] for i in fold.test],
        probabilities=probabilities,
        state_dict={name: tensor.detach().cpu() for name, tensor in model.state_dict().items()},
        log=fitting.log,
    )

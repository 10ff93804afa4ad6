"""One fold: train on some clips, by default on those of all subjects but one, then predict the held-out ones.

A fold is a function of its config, the store, the split and a seed. It reads nothing else and leaves nothing behind,
so that it gives the same result alone, in any order, and in any process.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.data import Batch
from torch_geometric.loader import DataLoader

from atm_gcn.building import Builder, build
from atm_gcn.checkpoint import load_checkpoint, load_weights
from atm_gcn.config import ModelConfig, PeerConfig, RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.data.store import AuxiliaryStore
from atm_gcn.defaults import THRESHOLD, Task
from atm_gcn.losses import BinaryFocalLoss, FocalLoss
from atm_gcn.training.devices.acceleration import accelerate
from atm_gcn.training.devices.batch_norm import synchronize
from atm_gcn.training.devices.device import choose_device, reproducible
from atm_gcn.training.devices.group import SINGLE_DEVICE, DeviceGroup
from atm_gcn.training.loop.checkpointing import CheckpointManager
from atm_gcn.training.loop.clips import dataset_of
from atm_gcn.training.loop.early_stopping import validate, validation_stopping_rule
from atm_gcn.training.loop.loader import TrainingLoader, evaluation_loader
from atm_gcn.training.loop.step import predict
from atm_gcn.training.loop.trainer import Diverged, Record, StoppingRule, Trainer, loss_of
from atm_gcn.training.protocol.seeds import derive_seed
from atm_gcn.training.protocol.splits import Fold, clips_and_labels, fold_of, warn_of_missing_classes
from atm_gcn.training.protocol.tasks import with_auxiliary


@dataclass(frozen=True)
class FoldResult:
    """The result of a fold.

    Args:
        name: Name of the fold; with one subject held out, that subject's key.
        clips: Keys of the held-out clips.
        subjects: Keys of their subjects, ``[num_clips]``.
        labels: Their classes, or the states of their action units, ``[num_clips]``.
        probabilities: Predicted probability of each class or unit, float64 ``[num_clips, C]``; rows sum to 1, unless
            the task is action units.
        state_dict: The model after the last epoch, or of the epoch that validation clips chose; on the CPU.
        log: One record per epoch: epoch, loss, training accuracy, learning rate, seconds; with
            ``protocol.audit_peeking`` also ``held_out``, the predicted class of every held-out clip.
        task: What the model predicts.
    """

    name: str
    clips: list[str]
    subjects: list[str]
    labels: list[Any]
    probabilities: Tensor
    state_dict: dict[str, Tensor] = field(repr=False)
    log: list[Record] = field(repr=False)
    task: Task = "emotion"


def train_fold(
    config: RunConfig,
    store: ClipStore,
    fold: Fold | str,
    seed: int | None = None,
    device: torch.device | None = None,
    on_epoch: Callable[[Record], None] | None = None,
    stopping_rule: StoppingRule | None = None,
    checkpoints: CheckpointManager | None = None,
    group: DeviceGroup = SINGLE_DEVICE,
    build_model: Builder | None = None,
    initial: Path | None = None,
) -> FoldResult:
    """Train on a fold's training clips and predict its held-out ones.

    A peer that is fitted once is not trained by gradient steps: its method ``fit`` is called with the batches of all
    training clips.

    The held-out clips choose nothing: the model is that of the last epoch, or the one that ``stopping_rule`` keeps, and
    class weights come from the training clips.

    Args:
        config: With ``model.num_classes`` set.
        store: Clips of all subjects.
        fold: The split, or the key of the one subject to hold out.
        seed: Seed of the fold; None derives it from ``config.train.protocol.seed`` and the fold's name.
        device: None takes that of ``config.train.compute.device``.
        on_epoch: Called with each epoch's record as it ends.
        stopping_rule: Decides after each epoch whether to keep its model and whether to stop; None uses the fold's
            validation clips if it has any.
        checkpoints: Saves the state of the training, and resumes from a saved one; None saves nothing.
        group: The devices that train together, each in a process that calls this function.
        build_model: Function that builds the model from ``config.model``, see :mod:`atm_gcn.building`; by default the
            one that ``config.model.build_model`` names, or :class:`~atm_gcn.ATMGCN`.
        initial: A checkpoint of a model of the same sizes, whose weights the training starts from.

    Raises:
        ATMGCNError: If the subject has no clips or nobody else has, or the training diverges.
        Interrupted: If ``checkpoints`` was requested to stop; the state is saved.
    """
    settings = config.train
    device = device or choose_device(settings.compute.device, "train.compute.device (--device)")
    if isinstance(store, AuxiliaryStore):
        store = store.weighted(settings.optim.auxiliary_weight)
    dataset = dataset_of(config, store)
    clips, labels = clips_and_labels(store)
    if isinstance(fold, str):
        first = store.first_clips if isinstance(store, AuxiliaryStore) else clips
        fold = with_auxiliary(fold_of(first, fold), clips, store)
    seed = derive_seed(settings.protocol.seed, fold.name) if seed is None else seed
    task = config.model.task
    least = settings.protocol.least_unit_clips if task == "action-units" else 1
    warn_of_missing_classes(labels, store.classes, fold, least)
    with reproducible(seed, device, settings.compute.threads):
        train = dataset[fold.train]
        model = build(config.model, build_model)
        if initial is not None:
            load_weights(model, initial, load_checkpoint(initial)[0])
        model = model.to(device)
        if settings.compute.sync_batchnorm and group.size > 1:
            model = synchronize(model)
        accelerate(model, settings, train.num_frames, store.input_size(config.data.view))
        held_out = evaluation_loader(dataset[fold.test], settings) if fold.test else None
        if is_fitted_once(config.model):
            log = [fit(model, evaluation_loader(train, settings), task, least)]
            if on_epoch:
                on_epoch(log[0])
        else:
            loss = loss_of(config, [labels[i] for i in fold.train], device)
            if fold.validation and stopping_rule is None:
                chosen = [labels[i] for i in fold.validation]
                validation = evaluation_loader(dataset[fold.validation], settings)
                stopping_rule = validation_stopping_rule(validation, chosen, settings.protocol, task)
            audits = held_out is not None and settings.protocol.audit_peeking
            observe = partial(predicted_classes, loader=held_out) if audits else None
            trainer = Trainer(model, TrainingLoader(train, settings, seed, group), loss, settings, seed, group, observe)
            if checkpoints:
                checkpoints.restore(trainer)
            try:
                trainer.run(on_epoch, stopping_rule, checkpoints.after_step if checkpoints else None)
            except Diverged as error:
                raise Diverged(f"fold {fold.name}: {error}") from error
            log = trainer.log
        probabilities = torch.empty(0, len(config.model.names), dtype=torch.float64)
        if held_out:
            probabilities = predict(model, held_out, task)
    return FoldResult(
        name=fold.name,
        clips=[clips[i].key for i in fold.test],
        subjects=[clips[i].subject_key for i in fold.test],
        labels=[labels[i] for i in fold.test],
        probabilities=probabilities,
        state_dict={name: tensor.detach().cpu() for name, tensor in model.state_dict().items()},
        log=log,
        task=task,
    )


def is_fitted_once(config: ModelConfig | PeerConfig) -> bool:
    """Whether a model is fitted to all training clips by its method ``fit``."""
    return isinstance(config, PeerConfig) and config.peer.is_fitted_once


def fit(model: nn.Module, loader: DataLoader, task: Task = "emotion", least: int = 1) -> Record:
    """Call a model's ``fit`` with all training clips, and evaluate it on them: the record of its only epoch.

    Action units that fewer than ``least`` clips have are shown to it as absent.
    """
    start, device = time.perf_counter(), next(model.parameters()).device
    model.train()
    targets = torch.cat([batch.y for batch in loader])
    is_rare = (targets > 0).sum(dim=0) < least if task == "action-units" else None

    def shown(batch: Batch) -> Batch:
        if is_rare is not None:
            batch.y = torch.where(is_rare & (batch.y > 0), 0.0, batch.y)
        return batch.to(device)

    model.fit(map(shown, loader))  # type: ignore[operator]
    probabilities = predict(model, loader, task)
    loss = validate(probabilities, targets.tolist(), task)["val_loss"]
    if task == "emotion":
        right = FocalLoss().right(probabilities, targets)
    else:
        right = BinaryFocalLoss().right(probabilities - THRESHOLD, targets)
    acc = float(right) / len(targets)
    return {"epoch": 1, "loss": loss, "acc": acc, "lr": 0.0, "seconds": time.perf_counter() - start}


def predicted_classes(model: nn.Module, loader: DataLoader) -> Record:
    """The predicted class of every held-out clip, which nothing depends on."""
    return {"held_out": predict(model, loader).argmax(dim=1).tolist()}

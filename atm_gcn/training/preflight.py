"""Checks of a run before its first fold."""

import logging
import time
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

import torch
from torch import nn
from torch_geometric.data import Batch, Data

from atm_gcn.batch_check import check_edges
from atm_gcn.building import Builder, build, builder_of, check_output, stock
from atm_gcn.config import ModelConfig, PeerConfig, RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.data.identity import quote_distinctly, similar_groups
from atm_gcn.errors import ATMGCNError, BatchError, UnsuitableClipsError, require
from atm_gcn.machine import address_space_left, total_memory
from atm_gcn.model import ATMGCN
from atm_gcn.training.devices.acceleration import accelerate
from atm_gcn.training.devices.device import choose_device, reproducible
from atm_gcn.training.initial_models import with_initial_models
from atm_gcn.training.loop.augment import Augment
from atm_gcn.training.loop.clips import dataset_of
from atm_gcn.training.loop.fold import fit, is_fitted_once
from atm_gcn.training.loop.loader import TrainingLoader, encoded_frames, evaluation_loader
from atm_gcn.training.loop.optimizer import optimizer_of
from atm_gcn.training.loop.step import train_step
from atm_gcn.training.loop.trainer import loss_of
from atm_gcn.training.protocol.mirroring import check_mirroring
from atm_gcn.training.protocol.splits import check_classes, clips_and_labels
from atm_gcn.training.protocol.tasks import folds_of, tasks_of
from atm_gcn.training.settings import resolve

log = logging.getLogger(__name__)

__all__ = ["check_class_names", "check_memory", "check_room", "check_run", "dry_run", "resolve"]

LEAST_ROOM = 200e6  # bytes
ONE_DEVICE = ("bdcnn",)
ONE_CLASS = ("bdcnn",)
"""Peers whose loss needs one class per clip."""
BYTES_PER_WEIGHT = 16  # a float32, its gradient, and two moments of AdamW


def check_run(config: RunConfig, store: ClipStore, build_model: Builder | None = None) -> None:
    """Make sure, before the first fold, that every fold can be trained.

    Raises:
        ATMGCNError: If there are too few subjects, a class has no clip, the device or a package is missing, or
            mirroring is set for other pictures.
    """
    _, labels = clips_and_labels(store)
    folds_of(config.train.protocol, store)
    if config.model.task == "emotion":
        check_classes(labels, store.classes, store.class_fix)
    else:
        check_units(config, store)
    check_class_names(config, store)
    device = choose_device(config.train.compute.device, "train.compute.device (--device)")
    model = check_memory(config.model, total_memory(device), build_model)
    clips = dataset_of(config, store)[:2]
    if builder_of(config.model, build_model) is not stock:
        _warn_of_encoder(model, store)
        check_output(model, Batch.from_data_list(list(clips)), len(store.classes), trains=True)
    elif isinstance(config.model, PeerConfig):
        check_devices(config.model, config.train.compute.devices)
        check_peer(config.model, clips[0], store)
    elif store.frame_size is None and config.model.use_gcn and config.model.adaptive:
        check_edges(clips[0])
    check_room(address_space_left())
    Augment.from_config(config.train.augment)
    check_mirroring(config, store)
    if config.train.compute.tensorboard:
        require("tensorboard", "tensorboard", "train.compute.tensorboard")


def check_units(config: RunConfig, store: ClipStore) -> None:
    """Make sure that settings and store are for action units, if the task is.

    Raises:
        ATMGCNError: If the store has classes, a unit has no clip, or a setting or model is for classes alone.
    """
    if not isinstance(store.targets[0], Sequence):
        raise ATMGCNError(
            f"{store.name}: has classes, where model.task is action-units; give store_for(config, [store])"
        )
    check_classes(store.targets, store.classes, "leave it out of train.protocol.units, or name a store that has it")
    if config.model.name in ONE_CLASS:
        raise ATMGCNError(
            f"the model {config.model.name} augments the features of every class by its statistics, and a clip with "
            "several action units is of no one class; name another model for the task action-units"
        )
    if config.train.protocol.audit_peeking:
        raise ATMGCNError("train.protocol.audit_peeking is for classes, and model.task is action-units; leave it out")


def check_devices(config: PeerConfig, devices: int) -> None:
    """Make sure that so many devices can train a peer together.

    Raises:
        ATMGCNError: If they cannot.
    """
    if devices > 1 and config.name in ONE_DEVICE:
        raise ATMGCNError(
            f"train.compute.devices (--devices) must be 1 for {config.name}, which keeps statistics of all clips that "
            f"it is trained on, not {devices}"
        )


def check_peer(config: PeerConfig, clip: Data, store: ClipStore) -> None:
    """Make sure that a peer can read the clips, and log what it takes instead of what they lack.

    Raises:
        UnsuitableClipsError: If a clip lacks what it reads.
    """
    try:
        check_output(build(config), Batch.from_data_list([clip]), len(config.names))
    except BatchError as error:
        raise UnsuitableClipsError(f"{store.name}: {error}") from error
    if config.name == "htnet" and not store.has_landmarks:
        log.info(
            "%s has no landmarks of faces, so that htnet takes the places of eyes and mouth that its authors take "
            "where they find none; prepare frames with --face align or crop to have them",
            store.name,
        )


def _warn_of_encoder(model: nn.Module, store: ClipStore) -> None:
    """Log that the encoder of an ATMGCN is not used, if the clips are features."""
    if store.frame_size is None and isinstance(model, ATMGCN) and not isinstance(model.encoder, nn.Identity):
        log.warning(
            "%s: holds features x, which ATMGCN reads instead of calling its encoder %s; give clips frames and "
            "onset_frame, or write a model that calls it on batch.x",
            store.name,
            type(model.encoder).__name__,
        )


def check_memory(config: ModelConfig | PeerConfig, memory: float, build_model: Builder | None = None) -> nn.Module:
    """Make sure that a model can be trained at all, before it is built.

    Args:
        config: Its sizes.
        memory: Bytes of memory of the device.
        build_model: Builds it; None takes what ``config`` names.

    Returns:
        The model; on the meta device if it is one of the library.

    Raises:
        ATMGCNError: If it cannot be built, or the model alone, without any clip, would take more.
    """
    with torch.device("meta") if builder_of(config, build_model) is stock else nullcontext():
        model = build(config, build_model)
    weights = sum(parameter.numel() for parameter in model.parameters())
    if weights * BYTES_PER_WEIGHT > memory:
        raise ATMGCNError(
            f"the model would have {weights:,} weights, and training them takes {weights * BYTES_PER_WEIGHT / 1e9:.1f} "
            f"of {memory / 1e9:.1f} GB of memory; lower model.num_layers, hidden_channels, motion_channels, grid, "
            "window, stem_channels or block_channels"
        )
    return model


def check_room(room: float) -> None:
    """Make sure that there is memory for libraries that end the process if they get none.

    Args:
        room: Bytes of address space that the process may still allocate.

    Raises:
        ATMGCNError: If there are fewer than :data:`LEAST_ROOM`.
    """
    if room < LEAST_ROOM:
        raise ATMGCNError(
            f"this process may take {max(room, 0) / 1e6:.0f} MB more (ulimit -v), and training needs at least "
            f"{LEAST_ROOM / 1e6:.0f} MB; raise the limit"
        )


def check_class_names(config: RunConfig, store: ClipStore) -> None:
    """Make sure that no two class names are likely to mean the same, unless ``data.similar_labels`` allows it.

    Raises:
        ATMGCNError: Naming two classes.
    """
    for one, other, *_ in similar_groups(store.classes) if config.data.similar_labels != "distinct" else ():
        names = " and ".join(quote_distinctly(one, other))
        raise ATMGCNError(
            f"{store.name}: the classes {names} look like one; if they are, {store.same_fix.format('label')}; "
            "if not, give --set data.similar_labels=distinct"
        )


def dry_run(config: RunConfig, store: ClipStore) -> dict[str, Any]:
    """Check a run as :func:`check_run` does, and take one training step of its first fold. Nothing is written.

    Returns:
        Facts to print: folds, seeds, clips, classes, parameters, the batch's clips and frames, its loss, seconds, and
        the ``steps`` of all folds, epochs and seeds together.
    """
    check_run(config, store)
    tasks = with_initial_models(tasks_of(config, store), config, store)
    _, labels = clips_and_labels(store)
    fold, seed = tasks[0].fold, config.train.protocol.seed
    device = choose_device(config.train.compute.device, "train.compute.device (--device)")
    with reproducible(seed, device, config.train.compute.threads):
        train = dataset_of(config, store)[fold.train]
        eager = config.merge({"train": {"compute": {"compile": False}}}).train  # not worth it for one step
        size = store.input_size(config.data.view)
        model = accelerate(build(config.model).to(device), eager, train.num_frames, size)
        if is_fitted_once(config.model):
            loader = None
            step = {"batch_clips": len(train), "batch_frames": sum(encoded_frames(train))}
            step |= fit(model, evaluation_loader(train, eager), config.model.task, eager.protocol.least_unit_clips)
        else:
            loader = TrainingLoader(train, config.train, seed)
            step = _one_step(model, config, loader, [labels[i] for i in fold.train])
    return {
        "folds": len(tasks) // config.train.protocol.seeds,
        "seeds": config.train.protocol.seeds,
        "clips": len(labels),
        "classes": list(store.classes),
        "steps": len(tasks) * (config.train.optim.epochs * len(loader) if loader else 1),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        **step,
    }


def _one_step(model: nn.Module, config: RunConfig, loader: TrainingLoader, targets: list[Any]) -> dict[str, Any]:
    batches, device = next(iter(loader)), next(model.parameters()).device
    loss = loss_of(config, targets, device)
    generator = torch.Generator().manual_seed(loader.seed)
    augment = partial(Augment.from_config(config.train.augment), generator=generator)
    start = time.perf_counter()
    step = train_step(model, batches, loss, optimizer_of(model, config.train.optim), augment).averages()
    return {
        "batch_clips": sum(batch.num_graphs for batch in batches),
        "batch_frames": sum(batch.num_nodes for batch in batches),
        "loss": step["loss"],
        "seconds": time.perf_counter() - start,
    }

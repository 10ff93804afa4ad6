"""One fold: train on everybody but one subject, then predict that subject's clips.

A fold is a function of its config, the store, the subject and a seed. It reads nothing else and leaves nothing behind,
so that it gives the same result alone, in any order, and in any process.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.loader import DataLoader

from atm_gcn.config import RunConfig, TrainConfig
from atm_gcn.data import FrameStore, MERDataset
from atm_gcn.losses import class_weights, focal_loss
from atm_gcn.model import ATMGCN
from atm_gcn.training.augment import Augment
from atm_gcn.training.device import choose_device, reproducible
from atm_gcn.training.seeds import derive_seed
from atm_gcn.training.splits import clips_and_labels, fold_of, warn_of_missing_classes

OnEpoch = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class FoldResult:
    """What a fold gives.

    Args:
        subject: Key of the held-out subject.
        clips: Keys of that subject's clips.
        labels: Their classes, ``[num_clips]``.
        probabilities: What the model gives each class, float64 ``[num_clips, C]``; rows sum to 1.
        state_dict: The model after the last epoch, on the CPU.
        log: One record an epoch: epoch, loss, training accuracy, learning rate, seconds.
    """

    subject: str
    clips: list[str]
    labels: list[int]
    probabilities: Tensor
    state_dict: dict[str, Tensor] = field(repr=False)
    log: list[dict[str, Any]] = field(repr=False)


def train_fold(
    config: RunConfig,
    store: FrameStore,
    subject: str,
    seed: int | None = None,
    device: torch.device | None = None,
    on_epoch: OnEpoch | None = None,
) -> FoldResult:
    """Train with one subject held out.

    The held-out subject chooses nothing: the model is that of the last epoch, and class weights come from the training
    clips.

    Args:
        config: With ``model.num_classes`` set.
        store: Clips of all subjects.
        subject: Key of the subject to hold out.
        seed: Seed of the fold; None derives it from ``config.train.seed`` and the subject's key.
        device: None takes that of ``config.train.device``.
        on_epoch: Called with each epoch's record as it ends.

    Raises:
        ATMGCNError: If the subject has no clips or nobody else has.
    """
    settings = config.train
    device = device or choose_device(settings.device)
    seed = derive_seed(settings.seed, subject) if seed is None else seed
    dataset = MERDataset(store, window=config.model.window)
    clips, labels = clips_and_labels(store)
    fold = fold_of(clips, subject)
    warn_of_missing_classes(labels, store.classes, fold)
    with reproducible(seed, device):
        model = ATMGCN(config.model).to(device)
        loader = training_loader(dataset[fold.train], settings, seed)
        loss = loss_function(settings, [labels[i] for i in fold.train], config.model.num_classes, device)
        log = fit(model, loader, loss, settings, seed, on_epoch)
        probabilities = predict(model, evaluation_loader(dataset[fold.test], settings))
    return FoldResult(
        subject=subject,
        clips=[clips[i].key for i in fold.test],
        labels=[labels[i] for i in fold.test],
        probabilities=probabilities,
        state_dict={name: tensor.detach().cpu() for name, tensor in model.state_dict().items()},
        log=log,
    )


def training_loader(dataset: MERDataset, settings: TrainConfig, seed: int) -> DataLoader:
    """Shuffled batches, in an order that only ``seed`` decides."""
    return DataLoader(
        dataset,
        batch_size=settings.batch_size,
        shuffle=True,
        num_workers=settings.num_workers,
        generator=torch.Generator().manual_seed(derive_seed(seed, "order")),
    )


def evaluation_loader(dataset: MERDataset, settings: TrainConfig) -> DataLoader:
    """Batches in the order of the dataset."""
    return DataLoader(dataset, batch_size=settings.batch_size, num_workers=settings.num_workers)


def loss_function(
    settings: TrainConfig, labels: list[int], num_classes: int, device: torch.device
) -> Callable[[Tensor, Tensor], Tensor]:
    """Focal loss with the weights that the training clips' ``labels`` give."""
    weight = class_weights(labels, num_classes).to(device) if settings.class_weights else None
    return partial(focal_loss, gamma=settings.focal_gamma, weight=weight)


def fit(
    model: nn.Module,
    loader: DataLoader,
    loss: Callable[[Tensor, Tensor], Tensor],
    settings: TrainConfig,
    seed: int,
    on_epoch: OnEpoch | None = None,
) -> list[dict[str, Any]]:
    """Train a model in place with AdamW and an exponentially decaying learning rate; return the log."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.lr, weight_decay=settings.weight_decay)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, settings.lr_decay)
    augment = Augment.from_config(settings)
    generator = torch.Generator().manual_seed(derive_seed(seed, "augmentation"))
    log: list[dict[str, Any]] = []
    for epoch in range(1, settings.epochs + 1):
        start, lr = time.perf_counter(), scheduler.get_last_lr()[0]
        averages = train_epoch(model, loader, loss, optimizer, partial(augment, generator=generator))
        scheduler.step()
        log.append({"epoch": epoch, **averages, "lr": lr, "seconds": time.perf_counter() - start})
        if on_epoch:
            on_epoch(log[-1])
    return log


def train_epoch(
    model: nn.Module,
    loader: DataLoader,
    loss: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    augment: Callable[[Any], Any],
) -> dict[str, float]:
    """One pass over the training clips; mean loss and accuracy over them, as they were before each step."""
    model.train()
    device = next(model.parameters()).device
    total, right, clips = torch.zeros((), device=device), torch.zeros((), device=device), 0
    for batch in loader:
        batch = augment(batch.to(device))
        logits = model(batch)
        value = loss(logits, batch.y)
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        optimizer.step()
        total += value.detach() * batch.num_graphs
        right += (logits.detach().argmax(dim=1) == batch.y).sum()
        clips += batch.num_graphs
    return {"loss": float(total) / clips, "acc": float(right) / clips}


@torch.inference_mode()
def predict(model: nn.Module, loader: DataLoader) -> Tensor:
    """Probabilities of every clip, float64 ``[num_clips, C]`` on the CPU."""
    model.eval()
    device = next(model.parameters()).device
    return torch.cat([model(batch.to(device)).double().softmax(dim=1).cpu() for batch in loader])

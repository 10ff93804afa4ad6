"""The training loop of one model, which can be interrupted and resumed at any step."""

import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from atm_gcn.config import OptimConfig, RunConfig, TrainConfig
from atm_gcn.errors import ATMGCNError
from atm_gcn.losses import BinaryFocalLoss, FocalLoss, class_weights, unit_weights
from atm_gcn.training.devices.group import SINGLE_DEVICE, DeviceGroup
from atm_gcn.training.loop.augment import Augment
from atm_gcn.training.loop.averaging import averaged_before, load_mean, updated_mean
from atm_gcn.training.loop.loader import StepBatches, TrainingLoader, evaluation_loader
from atm_gcn.training.loop.optimizer import optimizer_of, schedule_of
from atm_gcn.training.loop.step import Totals, train_step
from atm_gcn.training.protocol.seeds import derive_seed

Record = dict[str, Any]


class EpochDecision(NamedTuple):
    """What a :data:`StoppingRule` decides after an epoch.

    Args:
        keep: Keep the epoch's model; training ends with the model that was kept last.
        stop: Stop training.
    """

    keep: bool = False
    stop: bool = False


class Diverged(ATMGCNError):
    """A loss or a weight is NaN or infinite. The message names the epoch and the last finite loss."""


StoppingRule = Callable[[nn.Module, list[Record]], EpochDecision]
"""Called after each epoch with the model and the log so far, whose last record it may extend, for instance with a
validation loss. The decision depends on these two alone, so that a rule has no state to save."""


def loss_function(settings: OptimConfig, labels: list[int], num_classes: int, device: torch.device) -> FocalLoss:
    """Focal loss, with class weights from the ``labels`` of the training clips if the settings ask for them."""
    weight = class_weights(labels, num_classes).to(device) if settings.class_weights else None
    return FocalLoss(settings.focal_gamma, weight, settings.label_smoothing)


def loss_of(config: RunConfig, targets: Sequence[Any], device: torch.device) -> FocalLoss | BinaryFocalLoss:
    """The loss of a run's task.

    Args:
        config: Settings of the run.
        targets: Of the training clips, from which its weights come: the class of each, or the states of its units.
        device: Where it is computed.
    """
    settings = config.train.optim
    if config.model.task == "emotion":
        return loss_function(settings, list(targets), len(config.model.names), device)
    weight = unit_weights(targets, settings.class_weights is not None, config.train.protocol.least_unit_clips)
    return BinaryFocalLoss(settings.focal_gamma, weight.to(device), settings.label_smoothing)


class Trainer:
    """An optimiser with a learning rate that follows the epoch, over a fixed number of epochs.

    What a step draws at random (augmentation, dropout) depends on the seed, the epoch and the step alone, so that no
    state of a generator needs to be saved.

    Args:
        model: Trained in place, on its own device.
        loader: The training clips.
        loss: Of logits and targets.
        settings: Settings of the training.
        seed: Seed of the fold.
        group: The devices that train together.
        observe: Called after each epoch with the model; its record gets what this returns.

    Attributes:
        epoch: The epoch that the next step belongs to, from 1.
        step: Steps of that epoch that are done.
        log: One record for every epoch that ended.
        best: State dict that the stopping rule kept last, or None.
        mean: Mean of the weights after each of the last epochs by name, or None as long as there is none.
    """

    def __init__(
        self,
        model: nn.Module,
        loader: TrainingLoader,
        loss: FocalLoss | BinaryFocalLoss,
        settings: TrainConfig,
        seed: int,
        group: DeviceGroup = SINGLE_DEVICE,
        observe: Callable[[nn.Module], Record] | None = None,
    ) -> None:
        self.model, self.loader, self.loss, self.seed, self.observe = model, loader, loss, seed, observe
        self.settings = settings.optim
        self.group, self.wrapped = group, group.wrap(model)
        self.optimizer = optimizer_of(model, self.settings)
        self.scheduler = schedule_of(self.optimizer, self.settings)
        self.augment = Augment.from_config(settings.augment)
        self.epoch, self.step, self.totals, self.seconds = 1, 0, self._zeros(), 0.0
        self.log: list[Record] = []
        self.best: dict[str, Tensor] | None = None
        self.mean: dict[str, Tensor] | None = None
        self.stopped = False

    @property
    def is_done(self) -> bool:
        """Whether there is no epoch left to train."""
        return self.stopped or self.epoch > self.settings.epochs

    def run(
        self,
        on_epoch: Callable[[Record], None] | None = None,
        stopping_rule: StoppingRule | None = None,
        after_step: Callable[["Trainer"], None] | None = None,
    ) -> None:
        """Train to the end, and leave the model in its last state, in the one that the stopping rule kept last, or in
        the mean of its last states if ``average_epochs`` asks for it.

        Args:
            on_epoch: Called with each epoch's record as it ends.
            stopping_rule: Called after each epoch.
            after_step: Called with this trainer after every step, when its state can be saved; an exception that it
                raises ends the training.

        Raises:
            ATMGCNError: If there are both a stopping rule and ``average_epochs``.
            Diverged: At the end of an epoch in which the loss or a weight is NaN or infinite.
        """
        if stopping_rule and self.settings.average_epochs:
            raise ATMGCNError(
                "train.optim.average_epochs takes the mean of the last epochs, and a stopping rule chooses one epoch; "
                "leave one of the two out"
            )
        while not self.is_done:
            self.loader.begin(self.epoch, self.step)
            _tell_progress(self.model, (self.epoch - 1) / self.settings.epochs)
            start, before = time.perf_counter(), self.seconds
            num_steps = self.step + len(self.loader)
            for batches in self.loader:
                self._train(batches)
                self.seconds = before + time.perf_counter() - start
                if self.step == num_steps:
                    self._end_epoch(on_epoch, stopping_rule)
                if after_step:
                    after_step(self)
        if self.best is not None:
            self.model.load_state_dict(self.best)
        if self.mean is not None:
            torch.manual_seed(derive_seed(self.seed, "mean"))  # of dropout
            load_mean(self.model, self.mean, evaluation_loader(self.loader.dataset, self.loader.settings))

    def _train(self, batches: StepBatches) -> None:
        place, rank = (str(self.epoch), str(self.step)), self.group.rank
        torch.manual_seed(derive_seed(self.seed, "step", *place, *([str(rank)] if rank else [])))
        generator = torch.Generator().manual_seed(derive_seed(self.seed, "augmentation", *place))
        self.augment.sample(batches.share.first, generator)  # of the clips of the devices before this one
        augment = partial(self.augment, generator=generator)
        count = batches.share.passes
        totals = train_step(self.wrapped, batches, self.loss, self.optimizer, augment, self.group, count)
        self.totals = self.totals.add(totals)
        self.step += 1

    def _end_epoch(self, on_epoch: Callable[[Record], None] | None, stopping_rule: StoppingRule | None) -> None:
        lr, averages = self.scheduler.get_last_lr()[0], self.totals.averages()
        self._check_finite(averages["loss"])
        self.scheduler.step()
        if averaged_before(self.epoch + 1, self.settings):
            self.mean = updated_mean(self.mean, self.model, averaged_before(self.epoch, self.settings))
        self.log.append({"epoch": self.epoch, **averages, "lr": lr, "seconds": self.seconds})
        self.epoch, self.step, self.totals, self.seconds = self.epoch + 1, 0, self._zeros(), 0.0
        self.group.broadcast_buffers(self.model)
        if self.observe:
            self.log[-1].update(self.observe(self.model))
        decision = self.group.broadcast(stopping_rule(self.model, self.log) if stopping_rule else EpochDecision())
        if decision.keep:
            self.best = {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}
        self.stopped = decision.stop
        if on_epoch:
            on_epoch(self.log[-1])

    def _check_finite(self, loss: float) -> None:
        """Raise :class:`Diverged` before a stopping rule or a file gets anything of a training that diverged."""
        weights = self.model.state_dict().items()
        problem = "" if math.isfinite(loss) else f"its mean loss is {loss}"
        problem = problem or next(
            (f"{name} is not finite" for name, value in weights if not value.isfinite().all()), ""
        )
        if problem:
            last = f"the last finite loss was {self.log[-1]['loss']:.4g}" if self.log else "it has no finite loss"
            raise Diverged(
                f"training diverged in epoch {self.epoch}: {problem}; {last}; "
                f"lower train.optim.lr ({self.settings.lr:g})"
            )

    def _zeros(self) -> Totals:
        device = next(self.model.parameters()).device
        return Totals(*torch.zeros(3, device=device))


def _tell_progress(model: nn.Module, progress: float) -> None:
    """Set ``training_progress``, from 0 towards 1, of the modules that depend on it."""
    for module in model.modules():
        if hasattr(module, "training_progress"):
            module.training_progress = progress  # type: ignore[assignment]

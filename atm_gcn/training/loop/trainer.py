"""The training of one model: step after step, epoch after epoch, and at any step left and taken up again."""

import math
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from atm_gcn.config import TrainConfig
from atm_gcn.errors import ATMGCNError
from atm_gcn.losses import FocalLoss, class_weights
from atm_gcn.training.devices.group import ALONE, Alone
from atm_gcn.training.loop.augment import Augment
from atm_gcn.training.loop.loader import Step, TrainingLoader
from atm_gcn.training.loop.step import Totals, train_step
from atm_gcn.training.protocol.seeds import derive_seed

Record = dict[str, Any]


class Verdict(NamedTuple):
    """What a :data:`Judge` says of the epoch that just ended.

    Args:
        keep: Its model is the best so far; the last one kept is the one that training ends with.
        stop: Train no further.
    """

    keep: bool = False
    stop: bool = False


class Diverged(ATMGCNError):
    """A loss or a weight is NaN or infinite. The message names the epoch and the last finite loss."""


Judge = Callable[[nn.Module, list[Record]], Verdict]
"""Looks at the model and at the log so far, whose last record is this epoch's and may be added to, for instance with a
validation loss. All that it goes by is in those two, so that a judge has no state to save."""


def loss_function(settings: TrainConfig, labels: list[int], num_classes: int, device: torch.device) -> FocalLoss:
    """Focal loss with the weights that the training clips' ``labels`` give."""
    weight = class_weights(labels, num_classes).to(device) if settings.class_weights else None
    return FocalLoss(settings.focal_gamma, weight)


class Fitting:
    """AdamW with an exponentially decaying learning rate, over a fixed number of epochs.

    What a step draws at random (augmentation, dropout) follows from the seed, the epoch and the step alone. So there is
    no generator whose state would have to be saved: the place and the sums below are all, beside model and optimiser.

    Args:
        model: Trained in place, on its own device.
        loader: From :func:`~atm_gcn.training.loop.loader.training_loader`.
        loss: Of logits and classes.
        settings: Of the training.
        seed: Of the fold.
        team: The devices that train together.

    Attributes:
        epoch: The epoch that the next step belongs to, from 1.
        step: Steps of that epoch which are done.
        log: One record for every epoch that ended.
        best: What the judge last kept, or None.
    """

    def __init__(
        self,
        model: nn.Module,
        loader: TrainingLoader,
        loss: FocalLoss,
        settings: TrainConfig,
        seed: int,
        team: Alone = ALONE,
    ) -> None:
        self.model, self.loader, self.loss, self.settings, self.seed = model, loader, loss, settings, seed
        self.team, self.wrapped = team, team.wrap(model)
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=settings.lr, weight_decay=settings.weight_decay)
        self.scheduler = torch.optim.lr_scheduler.ExponentialLR(self.optimizer, settings.lr_decay)
        self.augment = Augment.from_config(settings)
        self.epoch, self.step, self.totals, self.seconds = 1, 0, self._nothing(), 0.0
        self.log: list[Record] = []
        self.best: dict[str, Tensor] | None = None
        self.stopped = False

    @property
    def is_done(self) -> bool:
        """Whether there is no epoch left to train."""
        return self.stopped or self.epoch > self.settings.epochs

    def run(
        self,
        on_epoch: Callable[[Record], None] | None = None,
        judge: Judge | None = None,
        after_step: Callable[["Fitting"], None] | None = None,
    ) -> None:
        """Train to the end, and leave the model as it is then, or as the judge last kept it.

        Args:
            on_epoch: Called with each epoch's record as it ends.
            judge: Asked after each epoch.
            after_step: Called after every step, when this object's state may be saved; what it raises ends the
                training there.

        Raises:
            Diverged: At the end of an epoch in which the loss or a weight is NaN or infinite.
        """
        while not self.is_done:
            self.loader.begin(self.epoch, self.step)
            start, before = time.perf_counter(), self.seconds
            num_steps = self.step + len(self.loader)
            for batches in self.loader:
                self._train(batches)
                self.seconds = before + time.perf_counter() - start
                if self.step == num_steps:
                    self._end_epoch(on_epoch, judge)
                if after_step:
                    after_step(self)
        if self.best is not None:
            self.model.load_state_dict(self.best)

    def _train(self, batches: Step) -> None:
        place, rank = (str(self.epoch), str(self.step)), self.team.rank
        torch.manual_seed(derive_seed(self.seed, "step", *place, *([str(rank)] if rank else [])))
        generator = torch.Generator().manual_seed(derive_seed(self.seed, "augmentation", *place))
        self.augment.draw(batches.share.first, generator)  # for the clips of other devices
        augment = partial(self.augment, generator=generator)
        counting = self.team, batches.share.passes
        totals = train_step(self.wrapped, batches, self.loss, self.optimizer, augment, *counting)
        self.totals = self.totals.add(totals)
        self.step += 1

    def _end_epoch(self, on_epoch: Callable[[Record], None] | None, judge: Judge | None) -> None:
        lr, averages = self.scheduler.get_last_lr()[0], self.totals.averages()
        self._check_finite(averages["loss"])
        self.scheduler.step()
        self.log.append({"epoch": self.epoch, **averages, "lr": lr, "seconds": self.seconds})
        self.epoch, self.step, self.totals, self.seconds = self.epoch + 1, 0, self._nothing(), 0.0
        self.team.share_buffers(self.model)
        verdict = self.team.decided(judge(self.model, self.log) if judge else Verdict())
        if verdict.keep:
            self.best = {name: tensor.detach().clone() for name, tensor in self.model.state_dict().items()}
        self.stopped = verdict.stop
        if on_epoch:
            on_epoch(self.log[-1])

    def _check_finite(self, loss: float) -> None:
        """Stop a training that diverged, before anything of it is judged or saved."""
        weights = self.model.state_dict().items()
        flaw = "" if math.isfinite(loss) else f"its mean loss is {loss}"
        flaw = flaw or next((f"{name} is not finite" for name, value in weights if not value.isfinite().all()), "")
        if flaw:
            last = f"the last finite loss was {self.log[-1]['loss']:.4g}" if self.log else "it has no finite loss"
            raise Diverged(
                f"training diverged in epoch {self.epoch}: {flaw}; {last}; lower train.lr ({self.settings.lr:g})"
            )

    def _nothing(self) -> Totals:
        device = next(self.model.parameters()).device
        return Totals(*torch.zeros(3, device=device))

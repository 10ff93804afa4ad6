"""One optimiser step on a list of batches, and prediction."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch_geometric.data import Batch
from torch_geometric.loader import DataLoader

from atm_gcn.building import without_labels
from atm_gcn.defaults import Task
from atm_gcn.errors import ATMGCNError, is_out_of_memory
from atm_gcn.losses import BinaryFocalLoss, FocalLoss, probabilities_of
from atm_gcn.training.devices.freed_memory import return_if_scarce
from atm_gcn.training.devices.group import SINGLE_DEVICE, DeviceGroup


class Totals(NamedTuple):
    """Sums over clips, each evaluated before its step; scalars on the model's device.

    Args:
        loss: Of each clip.
        right: 1 for each clip that the model predicted correctly; of action units, the share that it did.
        clips: 1 for each clip.
    """

    loss: Tensor
    right: Tensor
    clips: Tensor

    def add(self, other: "Totals") -> "Totals":
        """The sums over both."""
        return Totals(*(one + two for one, two in zip(self, other, strict=True)))

    def averages(self) -> dict[str, float]:
        """Mean loss and accuracy."""
        loss, right, clips = (float(total) for total in self)
        return {"loss": loss / clips, "acc": right / clips}


def train_step(
    model: nn.Module,
    batches: Sequence[Batch],
    loss: FocalLoss | BinaryFocalLoss,
    optimizer: torch.optim.Optimizer,
    augment: Callable[[Batch], Batch],
    group: DeviceGroup = SINGLE_DEVICE,
    count: int | None = None,
) -> Totals:
    """Take one optimiser step on the clips of several batches.

    The gradients of the batches add up to that of the mean loss over all clips. Only batch norm makes a difference to a
    single large batch: it normalises by the frames of the batch that it sees.

    Args:
        model: The model, wrapped by :meth:`~atm_gcn.training.devices.group.DeviceGroup.wrap`.
        batches: Clips of the step, on any device; with several devices, this one's.
        loss: Of logits and targets.
        optimizer: Of the model's parameters.
        augment: Changes a batch on the model's device.
        group: The devices that share the step.
        count: Number of batches, from the first, that count; the others only keep this device in step with the rest of
            the group. None counts all.

    Returns:
        Sums over the clips of all devices.

    Raises:
        ATMGCNError: If a batch does not fit into memory.
    """
    model.train()
    device = next(model.parameters()).device
    count = len(batches) if count is None else count
    targets = torch.cat([batch.y[:0] for batch in batches] + [batch.y for batch in batches[:count]])
    weights = [batch.clip_weight for batch in batches[:count] if "clip_weight" in batch]
    mass = group.all_reduce(loss.mass(targets.to(device), torch.cat(weights).to(device) if weights else None))
    totals: list[Totals] = []
    optimizer.zero_grad(set_to_none=True)
    for number, batch in enumerate(batches, start=1):
        with _out_of_memory_as_error(batch), group.no_sync(model, number < len(batches)):
            batch = augment(batch.to(device, non_blocking=True))
            heads = heads_of(model(batch))
            weight = batch.get("clip_weight")
            value = sum(loss(head, batch.y, weight) for head in heads)
            value = value * (loss.mass(batch.y, weight) / mass)  # its part of the mean
            group.backward(value * (group.size if number <= count else 0))
        if number <= count:
            right = loss.right(heads[0].detach(), batch.y)
            totals.append(Totals(value.detach(), right.to(value), value.new_tensor(len(batch.y)).detach()))
    optimizer.step()
    sums = torch.stack([torch.stack(part) for part in totals] or [torch.zeros(3, device=device)]).sum(dim=0)
    loss_part, right, clips = group.all_reduce(sums)
    return_if_scarce(device)
    return Totals(loss_part * clips, right, clips)


def heads_of(logits: Tensor) -> Tensor:
    """Logits ``[H, B, C]`` of every head of a model; most models have one and return ``[B, C]``.

    A model with several returns them while it is trained. Their losses are added, and the first predicts.
    """
    return logits if logits.dim() == 3 else logits[None]


@contextmanager
def _out_of_memory_as_error(batch: Batch) -> Iterator[None]:
    """If the batch does not fit into memory, raise an error that names the setting to lower."""
    try:
        yield
    except RuntimeError as error:  # of which torch.OutOfMemoryError is one
        if not isinstance(error, torch.OutOfMemoryError) and not is_out_of_memory(error):
            raise
        frames = batch.num_nodes
        raise ATMGCNError(
            f"out of memory with {frames} frames at once: set train.compute.frames_per_pass to less, for instance "
            f"train.compute.frames_per_pass={max(1, frames // 2)}"
        ) from error


@torch.inference_mode()
def predict(model: nn.Module, loader: DataLoader, task: Task = "emotion") -> Tensor:
    """Probabilities of every clip, float64 ``[num_clips, C]`` on the CPU.

    Args:
        model: Gives logits of a batch.
        loader: The clips.
        task: What the logits are.

    Raises:
        ATMGCNError: If a probability is NaN, which finite weights give of features that are not finite or too large.
    """
    model.eval()
    device = next(model.parameters()).device
    rows = []
    for batch in loader:
        rows.append(_probabilities(model, batch.to(device), task))
        return_if_scarce(device)
    return torch.cat(rows)


def _probabilities(model: nn.Module, batch: Batch, task: Task) -> Tensor:
    rows = probabilities_of(model(without_labels(batch)).double(), task).cpu()  # [B, C]
    broken = (~rows.isfinite().all(dim=1)).nonzero().flatten().tolist()
    if broken:
        names = batch.get("clip") or [f"clip {number} of the batch" for number in range(len(rows))]
        raise ATMGCNError(
            f"{names[broken[0]]}: the model gives no finite probabilities ({len(broken)} of {len(rows)} clips); its "
            "training diverged, or the clip's features are not finite"
        )
    return rows

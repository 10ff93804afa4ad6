"""One step over a batch of clips to train on them, or a pass over clips to predict them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch_geometric.data import Batch
from torch_geometric.loader import DataLoader


class Totals(NamedTuple):
    """Sums over clips, as they were before each step; scalars on the model's device.

    Args:
        loss: Of each clip.
        right: 1 for each clip that the model called right.
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
    batch: Batch,
    loss: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    augment: Callable[[Any], Any],
) -> Totals:
    """Train on the clips of one batch, all of them together one step of the optimiser."""
    model.train()
    batch = augment(batch.to(next(model.parameters()).device))
    logits = model(batch)
    value = loss(logits, batch.y)
    optimizer.zero_grad(set_to_none=True)
    value.backward()
    optimizer.step()
    clips = value.new_tensor(batch.num_graphs)
    return Totals(value.detach() * clips, (logits.detach().argmax(dim=1) == batch.y).sum().to(value), clips)


@torch.inference_mode()
def predict(model: nn.Module, loader: DataLoader) -> Tensor:
    """Probabilities of every clip, float64 ``[num_clips, C]`` on the CPU."""
    model.eval()
    device = next(model.parameters()).device
    return torch.cat([model(batch.to(device)).double().softmax(dim=1).cpu() for batch in loader])

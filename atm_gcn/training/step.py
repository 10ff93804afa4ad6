"""One pass over clips: to train on them, or to predict them."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.loader import DataLoader


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

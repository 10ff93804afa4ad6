"""What in a clip raises or lowers one logit of a model: gradient times input."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch_geometric.data import Batch, Data

CELL = 8
"""Pixels along each side over which contributions are added, or the whole picture if it is smaller."""


def contributions(model: nn.Module, data: Data, logit: int) -> tuple[np.ndarray | None, np.ndarray]:
    r"""How much each place and frame of a clip contributes to one logit, to first order.

    .. math::
        c_t(p) = \sum_{k} \frac{\partial z_u}{\partial f_{t k}(p)} \, (f_{t k}(p) - f_{onset, k}(p))

    with the channels k of frame t at place p; the onset is what a frame without movement would show. Of optical flow
    and of features, the value itself stands for the difference. Of several views, their sums are added.

    Args:
        model: In evaluation mode, takes a batch of clips.
        data: The clip, on the model's device.
        logit: Number of the logit :math:`z_u`.

    Returns:
        Sums over cells of the picture, float32 ``[n, h, w]``, of the view with the largest pictures, or None for a
        model of features; and sums over all of each frame, float64 ``[n]``.
    """
    batch: Any = Batch.from_data_list([data.clone()])
    inputs: dict[str, Tensor] = {}
    for name in ("frames", "flow", "x"):
        if name in batch and batch[name] is not None:
            value = batch[name]
            value = value / 255 if name == "frames" and not value.is_floating_point() else value
            inputs[name] = value.detach().clone().float().requires_grad_()
            batch[name] = inputs[name]
    if "onset_frame" in batch and not batch.onset_frame.is_floating_point():
        batch.onset_frame = batch.onset_frame / 255
    with torch.enable_grad():
        value = model(batch)[0, logit]
        gradients = torch.autograd.grad(value, list(inputs.values()), allow_unused=True)
    maps: list[np.ndarray] = []
    total = np.zeros(data.num_nodes or 0)
    for (name, own), gradient in zip(inputs.items(), gradients, strict=True):
        if gradient is None:
            continue
        change = own.detach() - (batch.onset_frame if name == "frames" else 0)
        product = (gradient * change).sum(dim=1)  # [n, H, W], or [n] of features
        total += product.flatten(1).sum(dim=1).double().cpu().numpy() if product.dim() == 3 else product.cpu().numpy()
        if product.dim() == 3:
            cell = min(CELL, *product.shape[1:])
            cells = torch.nn.functional.avg_pool2d(product[:, None], cell, divisor_override=1)[:, 0]
            maps.append(cells.cpu().numpy().astype(np.float32))
    return max(maps, key=lambda found: found[0].size, default=None), total

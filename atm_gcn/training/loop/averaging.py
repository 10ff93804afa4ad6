"""The mean of a model's weights over the last epochs, and the statistics of batch norm that belong to it."""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase
from torch.optim.swa_utils import get_swa_multi_avg_fn
from torch_geometric.data import Batch

from atm_gcn.config import OptimConfig
from atm_gcn.training.devices.batch_norm import unsynchronized


def averaged_before(epoch: int, settings: OptimConfig) -> int:
    """Epochs that the mean holds when ``epoch``, counted from 1, begins."""
    return max(0, epoch - 1 - max(0, settings.epochs - settings.average_epochs)) if settings.average_epochs else 0


def weights_of(model: nn.Module) -> dict[str, Tensor]:
    """The parameters of a model by name, those of floating point, detached but not copied."""
    return {name: weight.detach() for name, weight in model.named_parameters() if weight.is_floating_point()}


def updated_mean(mean: Mapping[str, Tensor] | None, model: nn.Module, count: int) -> dict[str, Tensor]:
    """The mean of a model's weights and ``count`` earlier ones, whose mean is given.

    Args:
        mean: From :func:`updated_mean`; changed in place. None if there are no earlier ones.
        model: Its weights are copied.
        count: Number of earlier ones.
    """
    weights = weights_of(model)
    if mean is None:
        return {name: weight.clone() for name, weight in weights.items()}
    update = get_swa_multi_avg_fn()
    for name, weight in weights.items():
        update([mean[name]], [weight], count)
    return dict(mean)


@torch.no_grad()
def load_mean(model: nn.Module, mean: Mapping[str, Tensor], batches: Iterable[Batch]) -> None:
    """Give a model the mean weights, and batch norm the statistics that they lead to.

    The statistics are those that the model computes in training mode, averaged over the batches. Other buffers stay.

    Args:
        model: Changed in place.
        mean: From :func:`updated_mean`.
        batches: Training clips without augmentation; read only if the model has batch norm.
    """
    for name, weight in weights_of(model).items():
        weight.copy_(mean[name])
    norms = [module for module in model.modules() if isinstance(module, _NormBase) and module.track_running_stats]
    if not norms:
        return
    device, momenta = next(model.parameters()).device, [norm.momentum for norm in norms]
    was_training, total = model.training, 0
    means: list[Tensor] = []
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = 1.0  # of a batch's own statistics, which torch's update_bn would weight alike in all batches
    model.train()
    with unsynchronized(model):  # every device reads all batches
        for batch in batches:
            model(batch.to(device))
            found = [value for norm in norms for value in statistics_of(norm)]
            means = means or [value.clone() for value in found]
            total += batch.num_nodes
            for average, value in zip(means, found, strict=True):
                average.lerp_(value, batch.num_nodes / total)
    for average, value in zip(means, found, strict=True):
        value.copy_(average)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    model.train(was_training)


def statistics_of(norm: _NormBase) -> tuple[Tensor, Tensor]:
    """Running mean and variance of a batch norm that tracks them."""
    assert norm.running_mean is not None and norm.running_var is not None
    return norm.running_mean, norm.running_var

"""Implicit semantic data augmentation: deep features that vary as those of their class do, in closed form."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ISDA(nn.Module):
    r"""Class statistics of features, and the logits of `"Implicit Semantic Data Augmentation for Deep Networks"
    <https://arxiv.org/abs/1909.12220>`_ by Wang et al. (NeurIPS 2019).

    .. math::
        \tilde{y}_j = \mathbf{w}_j^\top \mathbf{a} + b_j + \frac{\lambda}{2} (\mathbf{w}_j - \mathbf{w}_c)^\top
        \mathbf{\Sigma}_c (\mathbf{w}_j - \mathbf{w}_c)

    a are the features of a clip of class c, and :math:`\mathbf{\Sigma}_c` is the covariance of all features of class c
    so far. The cross-entropy of :math:`\tilde{\mathbf{y}}` bounds that of features drawn from
    :math:`\mathcal{N}(\mathbf{a}, \lambda \mathbf{\Sigma}_c)`.

    Args:
        channels (int): Number of features.
        num_classes (int): C.

    Attributes:
        class_count: int64 :math:`(C)`, clips so far.
        class_mean: :math:`(C, channels)`.
        class_covariance: :math:`(C, channels, channels)`, divided by the number of clips.

    Shapes:
        - **input:** logits :math:`(B, C)`, features :math:`(B, channels)`, classes :math:`(B)`, the weight
          :math:`(C, channels)` of the layer that made the logits
        - **output:** logits :math:`(B, C)`
    """

    class_count: Tensor
    class_mean: Tensor
    class_covariance: Tensor

    def __init__(self, channels: int, num_classes: int) -> None:
        super().__init__()
        self.register_buffer("class_count", torch.zeros(num_classes, dtype=torch.int64))
        self.register_buffer("class_mean", torch.zeros(num_classes, channels))
        self.register_buffer("class_covariance", torch.zeros(num_classes, channels, channels))

    def forward(self, logits: Tensor, features: Tensor, y: Tensor, weight: Tensor, strength: float) -> Tensor:
        with torch.autocast(logits.device.type, enabled=False):  # covariances lose too much in half precision
            self.update(features.detach().to(self.class_mean), y)
            added = spread_along_differences(weight.to(self.class_mean), self.class_covariance.clone())
        return logits + (strength / 2) * added[y].to(logits)

    @torch.no_grad()
    def update(self, features: Tensor, y: Tensor) -> None:
        """Add the features of a batch to the statistics."""
        members = F.one_hot(y, len(self.class_count))  # [B, C]
        count = members.sum(0)
        share = members.to(features) / count.clamp(min=1)
        mean = share.t() @ features
        centred = features - mean[y]
        covariance = torch.einsum("bc,bi,bj->cij", share, centred, centred)
        self.class_count += count
        new = (count / self.class_count.clamp(min=1)).to(features)[:, None]
        step = mean - self.class_mean
        between = (new * (1 - new) * step)[:, :, None] * step[:, None]
        self.class_covariance.lerp_(covariance, new[:, :, None]).add_(between)
        self.class_mean.lerp_(mean, new)


def spread_along_differences(weight: Tensor, covariance: Tensor) -> Tensor:
    """``[C, C]``: for class c and logit j the variance of ``w_j - w_c`` over the features of class c.

    Args:
        weight: ``[C, channels]``.
        covariance: ``[C, channels, channels]``.
    """
    difference = weight[None] - weight[:, None]  # [C, C, channels]
    return ((difference @ covariance) * difference).sum(-1)

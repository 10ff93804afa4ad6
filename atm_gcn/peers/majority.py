"""The largest class: what a network must beat to have learned anything from the pictures."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch_geometric.data import Batch, Data

UNSEEN = 0.5  # clips that a class without a training clip counts as, so that its logarithm is finite


class Majority(nn.Module):
    r"""The logarithm of the training clips' class frequencies, whatever the clip.

    .. math::
        \hat{y}_c = \log \frac{n_c}{\sum_k n_k}

    :meth:`fit` counts :math:`n_c`; a class without a clip counts as half a clip. Of several classes with most clips,
    the first is predicted. Of action units, where ``batch.y`` is :math:`(B, C)`, it is the logarithm of the clips that
    have a unit over those that lack it, so that a unit is predicted if more than half of the clips have it.

    Args:
        num_classes (int): C.

    Shapes:
        - **input:** any batch
        - **output:** logits :math:`(B, C)`, all rows equal
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.log_frequencies = nn.Parameter(torch.zeros(num_classes), requires_grad=False)

    @torch.no_grad()
    def fit(self, batches: Iterable[Batch]) -> None:
        """Count the classes or action units of the training clips."""
        labels = torch.cat([batch.y.cpu() for batch in batches])
        if labels.dim() == 2:
            present, absent = ((labels == state).sum(dim=0).double().clamp(min=UNSEEN) for state in (1, 0))
            self.log_frequencies.copy_((present / absent).log())
            return
        counts = labels.bincount(minlength=len(self.log_frequencies)).double().clamp(min=UNSEEN)
        self.log_frequencies.copy_((counts / counts.sum()).log())

    def forward(self, batch: Data) -> Tensor:
        return self.log_frequencies.repeat(getattr(batch, "num_graphs", 1), 1)

"""The class with most training clips."""

import torch
from torch import nn


class Majority(nn.Module):
    """x"""

    def __init__(self, num_classes):
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(num_classes), requires_grad=False)

    def fit(self, batches):
        y = torch.cat([b.y for b in batches])
        self.logits.copy_(torch.bincount(y, minlength=len(self.logits)).clamp(min=0.1).log())

    def forward(self, batch):
        return self.logits.expand(batch.num_graphs if hasattr(batch, "num_graphs") else 1, -1)

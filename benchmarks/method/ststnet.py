"""STSTNet, a network of 1,683 parameters for one picture of optical flow: the baseline of :mod:`.real_motion`."""

import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import Batch

from atm_gcn.config import ModelConfig
from atm_gcn.encoders.views import average_with_mirrored, centered

SIDE = 28  # pixels
AUTHORS = (
    "train.optim.epochs=800",
    "train.optim.batch_size=256",
    "train.optim.lr=5e-5",
    "train.optim.lr_decay=1",
    "train.optim.weight_decay=0",  # AdamW without weight decay is Adam
    "train.optim.focal_gamma=0",  # cross-entropy
)
"""The training of the authors' published code, over the defaults: no augmentation, and the model of the last epoch."""


class STSTNet(nn.Module):
    """Shallow triple-stream three-dimensional CNN (`Liong et al. 2019 <https://arxiv.org/abs/1902.03634>`_).

    Three branches of one convolution each, with 3, 5 and 8 filters, read u, v and strain from onset to apex. They read
    the same picture and share every size but the number of filters, so that one convolution with 16 filters computes
    all of them. Each clip's global node is its apex; other nodes are not read.

    Args:
        config: ``num_classes`` is read; ``center_flow`` and ``average_mirrored`` mean what they do in ATM-GCN.

    Shapes:
        - **input:** ``batch.flow`` ``[F, 3, h, w]``, resized to 28 x 28, and ``batch.global_index`` ``[B]``.
        - **output:** logits ``[B, C]``.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.branches = nn.Sequential(
            nn.Conv2d(3, 3 + 5 + 8, 3, padding=2),
            nn.ReLU(),
            nn.BatchNorm2d(3 + 5 + 8),
            nn.MaxPool2d(3, stride=3, padding=1),
            nn.Dropout(0.5),
        )
        self.fc = nn.Linear(16 * 5 * 5, len(config.names))

    def forward(self, batch: Batch) -> Tensor:
        logits = self._logits(batch)
        if self.training or not self.config.average_mirrored:
            return logits
        return average_with_mirrored(logits, batch, self._logits)

    def _logits(self, batch: Batch) -> Tensor:
        x = batch.flow[batch.global_index]  # [B, 3, h, w]
        x = centered(x) if self.config.center_flow else x
        if x.shape[-2:] != (SIDE, SIDE):
            x = F.interpolate(x, (SIDE, SIDE), mode="bilinear", align_corners=False, antialias=True)
        return self.fc(F.avg_pool2d(self.branches(x), 2).flatten(1))

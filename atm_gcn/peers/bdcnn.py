"""BDCNN: one small convolution over every block of four pictures of the optical flow, and implicit augmentation."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import Data

from atm_gcn.peers._parts.clip_reading import apex_flow, attribute
from atm_gcn.peers._parts.flow_pictures import coloured_flow, drawn_flow
from atm_gcn.peers._parts.isda import ISDA

SIDE, BLOCK = 120, 10  # pixels
PICTURES = 4
FILTERS, POOLED = 8, 4  # channels and side of a block after the pooling
FEATURES = 128
MEAN, STD = (125.3, 123.0, 113.9), (63.0, 62.1, 66.7)  # of CIFAR, as the authors' code has them


class BDCNN(nn.Module):
    r"""The network of "Block Division Convolutional Network With Implicit Deep Features Augmentation for
    Micro-Expression Recognition" by Chen et al. (IEEE Transactions on Multimedia 2022), of 10,881,251 parameters for
    three classes.

    .. math::
        B_{pij} &= \mathrm{maxpool}_3(\mathrm{ReLU}(\mathrm{conv}^{3 \times 3}_{3 \to 8}(X_{pij}))) \\
        \mathbf{a} &= \mathrm{ReLU}(FC(\mathrm{ReLU}(FC(\mathrm{ReLU}(\mathrm{conv}^{1 \times 1}_{4608 \to 512}
        [B_{pij}]))))) \\
        \hat{\mathbf{y}} &= FC(\mathbf{a})

    :math:`X_{pij}` is block (i, j) of 10 x 10 pixels of picture p at 120 x 120. The four pictures are u, v and strain
    in grey, each stretched over 0 to 255, and u and v in the colours of HSV; all are standardised per channel.

    In training mode the logits are those of ``ISDA`` for the classes ``batch.y``, with
    the strength :math:`\lambda_0` times ``training_progress``, which the trainer sets before every epoch to the share
    of epochs that are done. Their cross-entropy is the loss of the paper.

    Facts and deviations: structure, constants and loss are those of the authors' code, without a module ``CBAM`` that
    it makes, does not define and does not use, so that it cannot run as published; there are no weights. The code
    reads pictures that are drawn already. That u, v and strain are grey and that the fourth is drawn in HSV is
    assumed, from the names in it; here they are drawn after resizing, there resized after drawing. OpenCV reads
    pictures as BGR, so the channels of the coloured one are in that order. The authors kept the epoch that was best
    on 20 % of the training clips, and weighted three classes by .15, .425 and .425.

    Args:
        num_classes (int): C.
        strength (float, optional): :math:`\lambda_0`. (default: :obj:`0.5`)

    Shapes:
        - **input:** ``batch.flow`` :math:`(F, 3, h, w)`, ``batch.global_index`` :math:`(B)` and, in training mode,
          ``batch.y`` :math:`(B)`; only the apex is read
        - **output:** logits :math:`(B, C)`
    """

    mean: Tensor
    std: Tensor

    def __init__(self, num_classes: int, strength: float = 0.5) -> None:
        super().__init__()
        self.strength = strength
        self.training_progress = 0.0
        self.conv1 = nn.Conv2d(3, FILTERS, 3, padding=1)
        self.conv2 = nn.Conv2d(PICTURES * (SIDE // BLOCK) ** 2 * FILTERS, 512, 1)
        self.fc1 = nn.Linear(512 * POOLED**2, 1024)
        self.fc2 = nn.Linear(1024, FEATURES)
        self.fc = nn.Linear(FEATURES, num_classes)
        self.isda = ISDA(FEATURES, num_classes)
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(3, 1, 1), persistent=False)

    def forward(self, batch: Data) -> Tensor:
        pictures = (flow_pictures(apex_flow(batch, SIDE)) - self.mean) / self.std
        blocks = cut_into_blocks(pictures)  # [B, 4, 12, 12, 3, 10, 10]
        x = F.max_pool2d(F.relu(self.conv1(blocks.flatten(0, 3))), 3, stride=3, padding=1)  # [B * 576, 8, 4, 4]
        x = F.relu(self.conv2(x.reshape(len(pictures), -1, POOLED, POOLED)))  # [B, 512, 4, 4]
        features = F.relu(self.fc2(F.relu(self.fc1(x.flatten(1)))))
        logits = self.fc(features)
        if not self.training:
            return logits
        strength = self.strength * self.training_progress
        return self.isda(logits, features, attribute(batch, "y"), self.fc.weight, strength)


def flow_pictures(flow: Tensor) -> Tensor:
    """Pictures of 0 to 255, ``[B, 4, 3, h, w]``: u, v and strain in grey; u and v in colours, as BGR."""
    grey = drawn_flow(flow).unsqueeze(2).expand(-1, -1, 3, -1, -1)
    return torch.cat([grey, coloured_flow(flow).flip(1).unsqueeze(1)], dim=1)


def cut_into_blocks(pictures: Tensor) -> Tensor:
    """Blocks ``[B, P, rows, columns, channels, 10, 10]`` of pictures ``[B, P, channels, h, w]``."""
    blocks = pictures.unfold(3, BLOCK, BLOCK).unfold(4, BLOCK, BLOCK)  # [B, P, channels, rows, columns, 10, 10]
    return blocks.movedim(2, 4)

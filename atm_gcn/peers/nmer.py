"""NMER: ResNet-18 on optical flow in colours, with a classifier for each half of the face and one for both."""

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from atm_gcn.peers._parts.clip_reading import apex_flow
from atm_gcn.peers._parts.flow_pictures import LARGEST, coloured_flow
from atm_gcn.peers._parts.resnet18 import CHANNELS, ResNet18

SIDE = 224  # pixels
SMALLEST = 33  # pixels; below, the last feature map has no two rows
FEATURES = 64  # per half of the face


class NMER(nn.Module):
    r"""The network of "A Neural Micro-Expression Recognizer" by Liu et al. (FG 2019), the winner of MEGC 2019, of
    11,242,953 parameters for three classes.

    .. math::
        F &= \mathrm{ResNet18}(X) \\
        \mathbf{a}_k &= \tanh(FC(\mathrm{mean}_{i \in k} F_i)), \quad k \in \{top, bottom\} \\
        \hat{\mathbf{y}} &= FC[\mathbf{a}_{top}, \mathbf{a}_{bottom}], \quad \hat{\mathbf{y}}_k = FC(\mathbf{a}_k)

    X is the optical flow from onset to apex in the colours of HSV, scaled to -1 to 1. The last feature map has 7 rows,
    of which the upper 3 are the top. In training mode the logits of all three classifiers are returned, that of both
    halves first: the sum of their cross-entropies is the loss of the authors' code without its adversarial part.

    Facts and deviations: structure and constants are those of the authors' code; they published no weights. Missing
    here are the pretrained weights from which their ResNet-18 starts (of 1,000 classes, presumably ImageNet's), the
    magnification of motion before the flow is computed, the clips of CK+ that they add to training, and the classifier
    that is trained adversarially to tell those macro-expressions from micro-expressions. Their colours take the
    saturation from the apex frame; here it is full. Their code learns at 1e-5 in the ResNet and at 1e-3, halved every
    10 epochs, behind it, clips gradients to a norm of 1, adds the weight decay to them (here it is decoupled), and
    jitters colours. It cuts 224 of 256 pixels at random, which enlarges the face by 8/7, and rotates the finished
    picture; here the face keeps its size and is shifted as far, and vectors turn with the picture. It also augments
    the test clips at random and keeps the epoch that is best on the test subject, neither of which is done here.

    Args:
        num_classes (int): C.
        dropout (float, optional): After each half's 64 features. (default: :obj:`0.1`)
        side (int, optional): Side in pixels to which the flow is resized, at least 33. (default: :obj:`224`)

    Shapes:
        - **input:** ``batch.flow`` :math:`(F, 3, h, w)`, of which strain is not read, and ``batch.global_index``
          :math:`(B)`; only the apex is read
        - **output:** logits :math:`(B, C)`; in training mode :math:`(3, B, C)` of both halves, the top and the bottom
    """

    def __init__(self, num_classes: int, dropout: float = 0.1, side: int = SIDE) -> None:
        super().__init__()
        if side < SMALLEST:
            raise ValueError(f"side must be at least {SMALLEST} pixels, not {side}")
        self.side = side
        self.resnet = ResNet18()
        self.top, self.bottom = (
            nn.Sequential(nn.Linear(CHANNELS, FEATURES), nn.Tanh(), nn.Dropout(dropout)) for _ in range(2)
        )
        self.fc = nn.Linear(2 * FEATURES, num_classes)
        self.fc_top = nn.Linear(FEATURES, num_classes)
        self.fc_bottom = nn.Linear(FEATURES, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_normal_(module.weight)
                nn.init.zeros_(module.bias)

    def forward(self, batch: Data) -> Tensor:
        pictures = coloured_flow(apex_flow(batch, self.side)) * (2 / LARGEST) - 1  # [B, 3, 224, 224]
        x = self.resnet.features(pictures)  # [B, 512, 7, 7]
        middle = x.shape[2] // 2
        top = self.top(x[:, :, :middle].mean(dim=(2, 3)))
        bottom = self.bottom(x[:, :, middle:].mean(dim=(2, 3)))
        logits = self.fc(torch.cat([top, bottom], dim=1))
        return torch.stack([logits, self.fc_top(top), self.fc_bottom(bottom)]) if self.training else logits

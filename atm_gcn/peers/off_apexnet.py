"""OFF-ApexNet: a convolutional stream for each component of the optical flow from onset to apex."""

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from atm_gcn.peers._parts.clip_reading import apex_flow
from atm_gcn.peers._parts.flow_pictures import drawn_flow

SIDE = 28  # pixels
HIDDEN = 1024


class OFFApexNet(nn.Module):
    r"""The network of `"OFF-ApexNet on Micro-expression Recognition System" <https://arxiv.org/abs/1805.08699>`_ by Gan
    et al. (Signal Processing: Image Communication 74, 2019), of 2,664,475 parameters for three classes.

    .. math::
        s(X) &= \mathrm{maxpool}_2(\mathrm{ReLU}(\mathrm{conv}^{5 \times 5}_{6 \to 16}(
        \mathrm{maxpool}_2(\mathrm{ReLU}(\mathrm{conv}^{5 \times 5}_{1 \to 6}(X)))))) \\
        \hat{\mathbf{y}} &= FC(\mathrm{ReLU}(FC(\mathrm{ReLU}(FC[s_u(X_u), s_v(X_v)]))))

    :math:`X_u` and :math:`X_v` are the horizontal and the vertical optical flow from onset to apex at 28 x 28 pixels,
    each stretched over 0 to 255 within its picture (``drawn_flow``).

    Facts and deviations: the authors published the article, no code. Layers and sizes are those of public
    reimplementations, which differ about an activation after the convolutions; ReLU is assumed. The range of the
    pictures is assumed to be that of STSTNet by the same authors. Without batch norm, the first logits have a standard
    deviation of about 5 then, and Adam trains at the authors' learning rate of 1e-4 from there.

    Args:
        num_classes (int): C.
        dropout (float, optional): After each hidden layer of 1,024. (default: :obj:`0.5`)

    Shapes:
        - **input:** ``batch.flow`` :math:`(F, 3, h, w)`, of which strain is not read, and ``batch.global_index``
          :math:`(B)`; only the apex is read
        - **output:** logits :math:`(B, C)`
    """

    def __init__(self, num_classes: int, dropout: float = 0.5) -> None:
        super().__init__()
        self.streams = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(1, 6, 5, padding=2),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Conv2d(6, 16, 5, padding=2),
                nn.ReLU(),
                nn.MaxPool2d(2),
                nn.Flatten(),
            )
            for _ in ("u", "v")
        )
        self.classifier = nn.Sequential(
            nn.Linear(2 * 16 * (SIDE // 4) ** 2, HIDDEN),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(HIDDEN, HIDDEN),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(HIDDEN, num_classes),
        )

    def forward(self, batch: Data) -> Tensor:
        x = drawn_flow(apex_flow(batch, SIDE)[:, :2])  # [B, 2, 28, 28]
        streams = zip(self.streams, x.split(1, dim=1), strict=True)
        return self.classifier(torch.cat([stream(component) for stream, component in streams], dim=1))

"""STSTNet: three shallow convolutions beside each other on the optical flow from onset to apex."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import Data

from atm_gcn.peers._parts.author_weights import AuthorWeights
from atm_gcn.peers._parts.clip_reading import apex_flow
from atm_gcn.peers._parts.flow_pictures import drawn_flow

SIDE = 28  # pixels
FILTERS = (3, 5, 8)


class STSTNet(AuthorWeights, nn.Module):
    r"""The network of `"Shallow Triple Stream Three-dimensional CNN (STSTNet) for Micro-expression Recognition"
    <https://arxiv.org/abs/1902.03634>`_ by Liong et al. (FG 2019), of 1,683 parameters for three classes.

    .. math::
        s_k &= \mathrm{maxpool}_3(\mathrm{BN}(\mathrm{ReLU}(\mathrm{conv}^{3 \times 3}_{3 \to k}(X)))), \quad
        k \in \{3, 5, 8\} \\
        \hat{\mathbf{y}} &= FC(\mathrm{avgpool}_2[s_3, s_5, s_8])

    X is the optical flow from onset to apex at 28 x 28 pixels: strain, v and u, in this order, each stretched over 0 to
    255 within its picture (``drawn_flow``), which is what the authors' own code
    reads. That picture is made here of ``batch.flow``, which is u, v and strain in the package's units. With weights of
    :meth:`load_author_weights`, ``batch.flow`` is read as it is instead, and has to be that picture already; set
    ``draws_flow`` to :obj:`True` for the package's flow.

    Args:
        num_classes (int): C.
        dropout (float, optional): After each branch. (default: :obj:`0.5`)

    Shapes:
        - **input:** ``batch.flow`` :math:`(F, 3, h, w)` and ``batch.global_index`` :math:`(B)`; only the apex is read
        - **output:** logits :math:`(B, C)`
    """

    renamed = {"conv1": "branches.0.0", "bn1": "branches.0.2", "conv2": "branches.1.0", "bn2": "branches.1.2"}  # noqa: RUF012
    renamed |= {"conv3": "branches.2.0", "bn3": "branches.2.2"}

    def __init__(self, num_classes: int, dropout: float = 0.5) -> None:
        super().__init__()
        self.draws_flow = True
        self.branches = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(3, filters, 3, padding=2),
                nn.ReLU(),
                nn.BatchNorm2d(filters),
                nn.MaxPool2d(3, stride=3, padding=1),
                nn.Dropout(dropout),
            )
            for filters in FILTERS
        )
        self.fc = nn.Linear(sum(FILTERS) * 5 * 5, num_classes)

    def forward(self, batch: Data) -> Tensor:
        x = apex_flow(batch, SIDE)  # [B, 3, 28, 28]
        x = drawn_flow(x).flip(1) if self.draws_flow else x
        x = torch.cat([branch(x) for branch in self.branches], dim=1)  # [B, 16, 10, 10]
        return self.fc(F.avg_pool2d(x, 2).flatten(1))

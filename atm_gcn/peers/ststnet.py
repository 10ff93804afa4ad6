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
    255 within its picture, which is what the authors' own code reads. That picture is made here of ``batch.flow``,
    which is u, v and strain in the package's units. After :meth:`load_author_weights`, the buffer ``flow_is_drawn`` is
    true: ``batch.flow`` is read as it is, and has to be that picture already. ``network.flow_is_drawn.fill_(False)``
    goes back to the package's flow.

    **Facts and deviations.** The network is that of the authors' PyTorch code, and with their weights it predicts the
    442 clips of their log as the log does.

    - The flow is computed by this package, and their pictures are rounded to whole numbers.
    - Their code trains on the clips class by class, in the same order in every epoch, so that a step of 256 clips is no
      sample of all classes. Here clips are shuffled, unless one step takes all of them.
    - It trains 800 epochs and takes the last; the article and the MATLAB code train 500.

    Args:
        num_classes (int): C.
        dropout (float, optional): After each branch. (default: :obj:`0.5`)

    Shapes:
        - **input:** ``batch.flow`` :math:`(F, 3, h, w)` and ``batch.global_index`` :math:`(B)`; only the apex is read
        - **output:** logits :math:`(B, C)`
    """

    renamed = {"conv1": "branches.0.0", "bn1": "branches.0.2", "conv2": "branches.1.0", "bn2": "branches.1.2"}  # noqa: RUF012
    renamed |= {"conv3": "branches.2.0", "bn3": "branches.2.2"}

    flow_is_drawn: Tensor

    def __init__(self, num_classes: int, dropout: float = 0.5) -> None:
        super().__init__()
        self.register_buffer("flow_is_drawn", torch.tensor(False))
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
        x = torch.where(self.flow_is_drawn, x, drawn_flow(x).flip(1))
        x = torch.cat([branch(x) for branch in self.branches], dim=1)  # [B, 16, 10, 10]
        return self.fc(F.avg_pool2d(x, 2).flatten(1))

    def _adapted(self, found: dict[str, Tensor]) -> dict[str, Tensor]:
        return {"flow_is_drawn": torch.tensor(True), **found}

"""A small C3D: 3 x 3 x 3 convolutions over frames of the clip."""

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from atm_gcn.encoders.pairing import normalize_frames
from atm_gcn.peers._parts.clip_reading import attribute, even_nodes


class C3D(nn.Module):
    r"""A smaller network of the kind of `"Learning Spatiotemporal Features with 3D Convolutional Networks"
    <https://arxiv.org/abs/1412.0767>`_ by Tran et al. (ICCV 2015), of 735,091 parameters for three classes.

    .. math::
        X_k &= \mathrm{maxpool}(\mathrm{ReLU}(\mathrm{BN}(\mathrm{conv}^{3 \times 3 \times 3}(X_{k-1})))), \quad
        X_{0,t} = f_{i(t)} - f_{onset} \\
        \hat{\mathbf{y}} &= FC(\mathrm{mean}(X_5))

    :math:`i(t)` are frames at even distances over the whole clip; short clips have some of them twice. The first
    pooling leaves time as it is, the others halve time and sides. The mean stands for the last pooling.

    **Facts and deviations.** C3D reads 16 frames of 112 x 112 pixels and has eight convolutions of 64 to 512 channels
    and two hidden layers of 4,096, about 78 million parameters in all, trained on a million videos of sports.
    Micro-expression data sets have a few hundred clips. This network keeps the 3 x 3 x 3 convolutions, the order of the
    poolings and the dropout. It has five convolutions with batch norm, a quarter of the channels, a mean instead of the
    hidden layers, no pretraining, frames at the size that the batch has, and their differences to the onset frame.

    Args:
        num_classes (int): C.
        frames (int, optional): Frames T that are read of a clip. (default: :obj:`16`)
        widths (tuple[int, ...], optional): Channels of the convolutions. (default: :obj:`(16, 32, 64, 128, 128)`)
        dropout (float, optional): Before the Linear. (default: :obj:`0.5`)

    Shapes:
        - **input:** ``batch.frames`` :math:`(F, 3, H, W)`, ``batch.onset_frame`` :math:`(B, 3, H, W)`
        - **output:** logits :math:`(B, C)`
    """

    def __init__(
        self,
        num_classes: int,
        frames: int = 16,
        widths: tuple[int, ...] = (16, 32, 64, 128, 128),
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.frames = frames
        layers: list[nn.Module] = []
        for number, (before, after) in enumerate(zip((3, *widths), widths, strict=False)):
            if number:
                size = (1, 2, 2) if number == 1 else (2, 2, 2)
                layers.append(nn.MaxPool3d(size, ceil_mode=True))  # a side of 1 stays 1
            layers += [nn.Conv3d(before, after, 3, padding=1, bias=False), nn.BatchNorm3d(after), nn.ReLU()]
        self.layers = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(widths[-1], num_classes)

    def forward(self, batch: Data) -> Tensor:
        x = self.layers(self.movement(batch)).mean(dim=(2, 3, 4))
        return self.fc(self.dropout(x))

    def movement(self, batch: Data) -> Tensor:
        """``[B, 3, T, H, W]`` ImageNet-normalised frames less the onset frame."""
        nodes = even_nodes(batch, self.frames)
        frames = normalize_frames(attribute(batch, "frames")[nodes.flatten()]).unflatten(0, nodes.shape)
        onset = normalize_frames(attribute(batch, "onset_frame"))
        return torch.sub(frames, onset[:, None]).transpose(1, 2)

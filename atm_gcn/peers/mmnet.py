"""MMNet: the motion from onset to apex by continuous attention, with the positions of the face's parts added."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import Data

from atm_gcn.encoders.ca_block import ContinuousAttentionBlock, ConvNorm
from atm_gcn.peers._parts.clip_reading import resized
from atm_gcn.peers._parts.frame_jitter import apex_places, frames_at, jittered_places
from atm_gcn.peers._parts.transformer import TransformerBlock

STRIDES = (1, 2, 2, 2)
SHRINKS = 16  # by the stem and the blocks together
HEADS = 4
POSITION_STD = 0.02


class Variant(NamedTuple):
    """What differs between the authors' scripts for five and for three classes."""

    depth: int
    mlp_ratio: int
    drop_path: float
    onset_factor: float  # of the jitter, for the onset
    passes_apex: bool  # whether the jittered apex may lie after the apex


FIVE = Variant(depth=2, mlp_ratio=4, drop_path=0.0, onset_factor=1.0, passes_apex=False)
THREE = Variant(depth=3, mlp_ratio=2, drop_path=0.3, onset_factor=4 / 3, passes_apex=True)


class MMNet(nn.Module):
    r"""The network of `"MMNet: Muscle Motion-guided Network for Micro-expression Recognition"
    <https://arxiv.org/abs/2201.05297>`_ by Li et al. (IJCAI 2022), of 9,438,841 parameters for five classes and
    9,241,719 for three.

    .. math::
        \hat{\mathbf{y}} = FC(\mathrm{CA}(f_{apex} - f_{onset}) + \mathrm{ViT}(\mathrm{resize}(f_{onset})))

    CA is a stem and four blocks of :class:`~atm_gcn.encoders.ContinuousAttentionBlock`; ViT reads the onset frame at a
    sixteenth of its side, one pixel per token. Their maps are added, flattened and classified.

    **Facts and deviations.** The structure and its training are those of the authors' scripts ``CASME2_5.py`` and
    ``CASME2_3.py``. Three classes take the latter's position branch (three blocks, hidden layers of twice the width,
    stochastic depth rising to 0.3), all other numbers of classes the former's.

    - The script for three classes cannot run: its stem has 3 input channels in 2 groups. Here it has one group.
    - Weights that the scripts never use (class token, mask and action unit heads) are absent.
    - The weights of the attention maps start positive, see :class:`~atm_gcn.encoders.ContinuousAttentionBlock`; the
      authors' have random signs.
    - The onset is resized to 14 x 14 pixels without antialiasing. That is assumed: torchvision changed its default for
      tensors in 2023, and the authors name no version.
    - Rotated and shifted pictures are continued by their border pixels; the authors fill them with the mean colour.
    - The jitter counts the frames that the clip has here, which may be fewer than the recording's.
    - For three classes, the authors trained 99 epochs with batches of 24, weight decay 0.7, rotations up to 4 degrees
      and shifts up to 4 pixels; :data:`~atm_gcn.peers.registry.PEERS` has the values for five classes.
    - The authors report, for every test subject, the epochs that are best on this subject: one by accuracy, and another
      by F1.

    Args:
        num_classes (int): C.
        size (int, optional): Frames are resized to size x size pixels, a multiple of 16. (default: :obj:`224`)
        jitter (float, optional): While training, the onset is drawn from this share of the way from onset to apex, and
            the apex from this share before it. For three classes the onset's share is a third larger, and the apex may
            also lie this share of the way from apex to offset later. Shares are rounded down to whole frames, so that
            short clips stay as they are. (default: :obj:`0.0375`)
        stem_channels (tuple[int, int], optional): Of the two stem convolutions. (default: :obj:`(180, 128)`)
        block_channels (tuple[int, int, int, int], optional): Of the blocks. (default: :obj:`(128, 128, 256, 512)`)

    Shapes:
        - **input:** ``batch.frames`` :math:`(F, 3, H, W)`, ``batch.onset_frame`` :math:`(B, 3, H, W)` and
          ``batch.global_index`` :math:`(B)`; in evaluation only onset and apex are read
        - **output:** logits :math:`(B, C)`
    """

    def __init__(
        self,
        num_classes: int,
        size: int = 224,
        jitter: float = 0.15 / 4,
        stem_channels: tuple[int, int] = (180, 128),
        block_channels: tuple[int, int, int, int] = (128, 128, 256, 512),
    ) -> None:
        super().__init__()
        if size < SHRINKS or size % SHRINKS:
            raise ValueError(f"size must be a multiple of {SHRINKS}, not {size}")
        self.size, self.jitter = size, jitter
        self.variant = THREE if num_classes == 3 else FIVE
        side, channels = size // SHRINKS, block_channels[-1]
        self.stem = nn.Sequential(
            ConvNorm(3, stem_channels[0], 3, stride=2), nn.ReLU(), ConvNorm(*stem_channels, 3), nn.ReLU()
        )
        widths = (stem_channels[1], *block_channels)
        self.blocks = nn.ModuleList(
            ContinuousAttentionBlock(widths[i], widths[i + 1], STRIDES[i], first=i == 0) for i in range(len(STRIDES))
        )
        self.position = PositionBranch(channels, side, self.variant)
        self.fc = nn.Linear(channels * side * side, num_classes)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for conv in nn.ModuleList([self.stem[2], self.blocks]).modules():
            if isinstance(conv, nn.Conv2d) and conv.out_channels > 1:  # those of attention maps start positive
                nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, batch: Data) -> Tensor:
        onset, apex = (resized(frames_at(batch, place), self.size) for place in self.places(batch))
        x, attention = self.stem(apex - onset), None
        for block in self.blocks:
            x, attention = block(x, attention)
        return self.fc((x + self.position(onset)).flatten(1))

    def places(self, batch: Data) -> tuple[Tensor, Tensor]:
        """int64 ``[B]`` twice: the frames to read as onset and apex; 0 is the onset frame, 1 the clip's first node."""
        apex, last = apex_places(batch)
        if not self.training or not self.jitter:
            return torch.zeros_like(apex), apex
        after = self.jitter if self.variant.passes_apex else 0.0
        return jittered_places(apex, last, self.variant.onset_factor * self.jitter, self.jitter, after)


class PositionBranch(nn.Module):
    """A vision transformer over the pixels of a small picture: ``[B, 3, H, W]`` to ``[B, channels, side, side]``."""

    def __init__(self, channels: int, side: int, variant: Variant) -> None:
        super().__init__()
        self.side = side
        self.embed = nn.Conv2d(3, channels, 1)
        self.places = nn.Parameter(torch.empty(1, side * side, channels))
        rates = torch.linspace(0, variant.drop_path, variant.depth, device="cpu").tolist()
        self.blocks = nn.Sequential(
            *(TransformerBlock(channels, HEADS, variant.mlp_ratio, eps=1e-6, drop_path=rate) for rate in rates)
        )
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.trunc_normal_(self.places, std=POSITION_STD)
        for part in self.blocks.modules():
            if isinstance(part, nn.Linear):
                nn.init.trunc_normal_(part.weight, std=POSITION_STD)
                nn.init.zeros_(part.bias)

    def forward(self, onset: Tensor) -> Tensor:
        x = F.interpolate(onset, (self.side, self.side), mode="bilinear", align_corners=False)
        x = self.embed(x).flatten(2).transpose(1, 2)  # [B, side * side, channels]
        x = self.norm(self.blocks(x + self.places))
        return x.transpose(1, 2).unflatten(2, (self.side, self.side))

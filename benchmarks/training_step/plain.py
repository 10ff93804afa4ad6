"""The encoder as usually written: float32, channels first, eager, every activation kept for backward.

Parameters have the names of those of :class:`atm_gcn.MotionEncoder`, so that weights can be copied.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from atm_gcn.encoders.motion_encoder import POSITION_SCALE


def conv(in_channels: int, out_channels: int, size: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, size, stride, size // 2, bias=False)


class PlainBlock(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, stride: int, first: bool) -> None:
        super().__init__()
        self.transform = nn.Sequential(
            nn.Sequential(conv(in_channels, out_channels, 3, stride), nn.BatchNorm2d(out_channels)),
            nn.ReLU(),
            nn.Sequential(conv(out_channels, out_channels, 1), nn.BatchNorm2d(out_channels)),
        )
        self.shortcut = nn.Identity()
        if not first:
            self.shortcut = nn.Sequential(conv(in_channels, out_channels, 1, stride), nn.BatchNorm2d(out_channels))
        self.attention = nn.Sequential(conv(2, 1, 1), nn.BatchNorm2d(1))

    def forward(self, x: Tensor, previous: Tensor | None) -> tuple[Tensor, Tensor]:
        x = F.relu(self.transform(x) + self.shortcut(x))
        described = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
        attention = torch.sigmoid(self.attention(described))
        if previous is not None:
            attention = attention * F.max_pool2d(previous, 3, 2, 1)
        return x * attention, attention


class PlainEncoder(nn.Module):
    def __init__(self, out_channels: int, num_blocks: int) -> None:
        super().__init__()
        self.stem_in = conv(3, 180, 3, 2)
        after = nn.Sequential(conv(180, 128, 3), nn.BatchNorm2d(128))
        self.stem = nn.Sequential(nn.BatchNorm2d(180), nn.ReLU(), after, nn.ReLU())
        widths, strides = (128, 128, 128, 256, 512), (1, 2, 2, 2)
        self.blocks = nn.ModuleList(PlainBlock(widths[i], widths[i + 1], strides[i], i == 0) for i in range(num_blocks))
        self.norm = nn.BatchNorm2d(widths[num_blocks], affine=False)
        self.proj = nn.Linear(widths[num_blocks] * 49, out_channels)

    def forward(self, frames: Tensor, onset_frames: Tensor, pos: Tensor) -> Tensor:
        x, attention = self.stem_in(frames - onset_frames), None
        frequency = 10_000.0 ** -(torch.arange(90, device=pos.device) / 90)
        angle = pos[:, None] * frequency
        position = POSITION_SCALE * torch.cat([angle.cos(), angle.sin()], 1)
        x = self.stem(x + position[:, :, None, None])
        for block in self.blocks:
            x, attention = block(x, attention)
        return self.proj(self.norm(F.adaptive_avg_pool2d(x, 7)).flatten(1))

"""ResNet-18 without its last layer."""

import torch.nn.functional as F
from torch import Tensor, nn

CHANNELS = 512  # of the features


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions with batch norm, and a shortcut around them.

    Args:
        in_channels (int): Channels of the input.
        channels (int): Channels of the output.
        stride (int): Of the first convolution.

    Shapes:
        - **input:** :math:`(F, C_{in}, H, W)`
        - **output:** :math:`(F, C, H/s, W/s)`
    """

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or in_channels != channels:
            self.downsample = nn.Sequential(nn.Conv2d(in_channels, channels, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        features = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        # Slicing instead of a strided 1 x 1 convolution, for the reason in encoders/ca_block.py.
        return F.relu(features + self.downsample(x[..., :: self.stride, :: self.stride]))


class ResNet18(nn.Module):
    """The convolutions of ResNet-18 from `"Deep Residual Learning for Image Recognition"
    <https://arxiv.org/abs/1512.03385>`_ by He et al. (CVPR 2016), under torchvision's names in the state dict.

    Args:
        in_channels (int, optional): Channels of the pictures. (default: :obj:`3`)

    Shapes of :meth:`features`:
        - **input:** pictures :math:`(F, C_{in}, H, W)`
        - **output:** :math:`(F, 512, H/32, W/32)`, rounded up
    """

    def __init__(self, in_channels: int = 3) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1 = nn.Sequential(BasicBlock(64, 64, 1), BasicBlock(64, 64, 1))
        self.layer2 = nn.Sequential(BasicBlock(64, 128, 2), BasicBlock(128, 128, 1))
        self.layer3 = nn.Sequential(BasicBlock(128, 256, 2), BasicBlock(256, 256, 1))
        self.layer4 = nn.Sequential(BasicBlock(256, CHANNELS, 2), BasicBlock(CHANNELS, CHANNELS, 1))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def features(self, pictures: Tensor) -> Tensor:
        """The last convolution's features ``[F, 512, H/32, W/32]``."""
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(pictures))), 3, stride=2, padding=1)
        return self.layer4(self.layer3(self.layer2(self.layer1(x))))

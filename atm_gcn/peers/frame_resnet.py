"""ResNet-18 on the apex frame of a clip, alone or beside its onset frame or its depth."""

from pathlib import Path
from typing import Literal, Self, get_args

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from atm_gcn.errors import BatchError, either
from atm_gcn.peers._parts.author_weights import AuthorWeights
from atm_gcn.peers._parts.clip_reading import apex_frame, apex_nodes, attribute, onset_frame
from atm_gcn.peers._parts.resnet18 import CHANNELS, ResNet18

Frames = Literal["apex", "pair", "depth"]
IN_CHANNELS: dict[Frames, int] = {"apex": 3, "pair": 6, "depth": 4}


class FrameResNet(AuthorWeights, ResNet18):
    r"""ResNet-18 of `"Deep Residual Learning for Image Recognition" <https://arxiv.org/abs/1512.03385>`_ by He et al.
    (CVPR 2016) on pictures of a clip, of 11,178,051 parameters for three classes and the apex frame alone.

    .. math::
        \hat{\mathbf{y}} = FC(\mathrm{mean}(\mathrm{ResNet18}(X)))

    X is the apex frame, ImageNet-normalised and in the size that it has; before it the onset frame, or after it the
    depth of the apex frame, in standard deviations of the onset's depth from its mean.

    Facts and deviations: layers, their names in the state dict and their initial weights are torchvision's, and so are
    its weights of ImageNet that :meth:`load_author_weights` reads. Nobody published this network for micro-expressions,
    nor a training of it.

    Args:
        num_classes (int): C.
        frames (str, optional): ``"apex"``, ``"pair"`` of onset and apex, or ``"depth"`` beside the apex frame.
            (default: :obj:`"apex"`)

    Shapes:
        - **input:** ``batch.frames`` :math:`(F, 3, H, W)` and ``batch.global_index`` :math:`(B)`; with ``"pair"`` also
          ``batch.onset_frame`` :math:`(B, 3, H, W)`, with ``"depth"`` also ``batch.depth`` :math:`(F, 1, H, W)`, as
          :class:`~atm_gcn.data.MERDataset` gives it; only the apex is read
        - **output:** logits :math:`(B, C)`
    """

    def __init__(self, num_classes: int, frames: Frames = "apex") -> None:
        if frames not in IN_CHANNELS:
            raise ValueError(f"frames must be {either(get_args(Frames))}, not {frames!r}")
        super().__init__(IN_CHANNELS[frames])
        self.frames = frames
        self.fc = nn.Linear(CHANNELS, num_classes)

    def forward(self, batch: Data) -> Tensor:
        x = apex_frame(batch)  # [B, 3, H, W]
        if self.frames == "pair":
            x = _joined(onset_frame(batch), x, "onset_frame")
        elif self.frames == "depth":
            x = _joined(x, _apex_depth(batch, x.dtype), "depth")
        return self.fc(self.features(x).mean(dim=(2, 3)))

    def load_author_weights(self, path: str | Path) -> Self:
        """Read weights that torchvision published for ResNet-18, and set evaluation mode.

        The last layer keeps its random weights if the file's is for another number of classes, as that of ImageNet is.

        Args:
            path: A ``.pth`` file with a state dict. It is read with ``weights_only=True``, which runs no code.

        Raises:
            ATMGCNError: If it is no such file, or has other tensors than this network, as with ``"pair"`` or
                ``"depth"`` the first convolution has.
        """
        return super().load_author_weights(path)

    def _adapted(self, found: dict[str, Tensor]) -> dict[str, Tensor]:
        own = self.state_dict()
        # torchvision's files are older than batch norm's counters.
        counters = {name: tensor for name, tensor in own.items() if name.endswith(".num_batches_tracked")}
        last = {f"fc.{name}": tensor for name, tensor in self.fc.named_parameters()}
        other_classes = last.keys() <= found.keys() and any(found[name].shape != last[name].shape for name in last)
        kept = {name: own[name] for name in last} if other_classes else {}
        return {**counters, **found, **kept}


def _apex_depth(batch: Data, dtype: torch.dtype) -> Tensor:
    """``[B, 1, H, W]`` the depth of the apex frame."""
    return attribute(batch, "depth")[apex_nodes(batch)].to(dtype)


def _joined(first: Tensor, second: Tensor, name: str) -> Tensor:
    if first.shape[-2:] != second.shape[-2:]:
        sizes = " and ".join(f"{picture.shape[-1]} x {picture.shape[-2]}" for picture in (first, second))
        raise BatchError(f"{name} must have the size of the frames: they are {sizes} pixels; prepare both alike")
    return torch.cat([first, second], dim=1)

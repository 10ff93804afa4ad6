"""HTNet: a nested transformer over the optical flow around the eyes and the corners of the mouth."""

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from atm_gcn.peers._parts.clip_reading import apex_flow
from atm_gcn.peers._parts.face_areas import area_centres, face_areas
from atm_gcn.peers._parts.flow_pictures import drawn_flow
from atm_gcn.peers._parts.transformer import TransformerBlock

SIDE = 28  # pixels


class HTNet(nn.Module):
    r"""The network of `"HTNet for micro-expression recognition" <https://arxiv.org/abs/2307.14637>`_ by Wang et al.
    (Neurocomputing 602, 2024), of 139.6 million parameters.

    .. math::
        X^{(l+1)} &= \mathrm{maxpool}_3(\mathrm{LN}(\mathrm{conv}^{3 \times 3}(T^{(l)}(X^{(l)})))) \\
        \hat{\mathbf{y}} &= FC(\mathrm{mean}(\mathrm{LN}(T^{(3)}(X^{(3)}))))

    :math:`X^{(1)}` are patches of four 14 x 14 crops of the optical flow from onset to apex, put together to 28 x 28
    pixels: the eyes on top, the corners of the mouth below. T attends within 16, then 4, then 1 squares of the map,
    whose side halves from level to level, while its channels double.

    **Facts and deviations.** The structure is that of the authors' ``Model.py``, the flow is drawn as for
    :class:`~atm_gcn.peers.ststnet.STSTNet`, whose pictures the authors read.

    - With the published 7 pixels per patch, the map of the first level is 4 x 4, so that each of its 16 squares is one
      patch, and each square of the later levels is one place. Every place attends to itself alone: attention is a
      Linear, and queries and keys, 22.2 million of the parameters, have no gradient. The paper speaks of
      attention within each area of the face, which ``patch_size=1`` has.
    - Their main script has 10 blocks at the last level, the one beside it 8, which are 114.4 million parameters.
    - Heads have 85 channels, because 256 is not a multiple of 3; one number is learnt per place, not one per channel.
      At the last level only layer norms read it, which take it away: it has no effect there.
    - The authors find the landmarks with MTCNN in pictures of 28 x 28 pixels, and take the same places for all faces
      where that fails; they search the apex frame. Here ``batch.landmarks`` has those of the face's detection in the
      onset frame, and where it has none, clips take the authors' places.
    - Their crops take rows by x and columns by y, which mirrors the places at the diagonal of the picture: what is cut
      out for the right eye lies near the left corner of the mouth, and the reverse. Here rows go by y.
    - The flow is not rounded to whole numbers, which it is in their pictures.
    - They do not shuffle the training clips, and also report, for every test subject, the epoch that is best on it.

    Args:
        num_classes (int): C.
        dim (int, optional): Channels of the first level. (default: :obj:`256`)
        heads (int, optional): Attention heads of the first level; they double like the channels. (default: :obj:`3`)
        block_repeats (tuple[int, ...], optional): Transformer blocks of each level. (default: :obj:`(2, 2, 10)`)
        patch_size (int, optional): Pixels of a patch's side; 28 pixels have to hold a multiple of 4 patches for three
            levels. (default: :obj:`7`)

    Shapes:
        - **input:** ``batch.flow`` :math:`(F, 3, h, w)`, ``batch.global_index`` :math:`(B)`, and ``batch.landmarks``
          :math:`(B, 5, 2)`, shares of the side, *(optional)*; only the apex is read
        - **output:** logits :math:`(B, C)`
    """

    def __init__(
        self,
        num_classes: int,
        dim: int = 256,
        heads: int = 3,
        block_repeats: tuple[int, ...] = (2, 2, 10),
        patch_size: int = 7,
    ) -> None:
        super().__init__()
        squares = 2 ** (len(block_repeats) - 1)  # squares along a side of the first level's map
        if patch_size < 1 or SIDE % (patch_size * squares):
            raise ValueError(
                f"patch_size must divide {SIDE} into a multiple of {squares} patches, which {patch_size} does not"
            )
        self.embed = nn.Conv2d(3, dim, patch_size, stride=patch_size)
        places = (SIDE // patch_size // squares) ** 2
        levels: list[nn.Module] = []
        for level, depth in enumerate(block_repeats):
            channels = dim * 2**level
            levels.append(LocalTransformer(channels, heads * 2**level, depth, squares // 2**level, places))
            if level + 1 < len(block_repeats):
                levels.append(Aggregate(channels, 2 * channels))
        self.levels = nn.Sequential(*levels)
        self.norm = nn.LayerNorm(channels)
        self.fc = nn.Linear(channels, num_classes)

    def forward(self, batch: Data) -> Tensor:
        flow = drawn_flow(apex_flow(batch, SIDE)).flip(1)  # [B, 3, 28, 28]: strain, v, u
        centres = area_centres(batch.get("landmarks"), len(flow), SIDE, flow.device)
        x = self.embed(face_areas(flow, centres)).movedim(1, -1)  # [B, 4, 4, dim]
        return self.fc(self.norm(self.levels(x)).mean(dim=(1, 2)))


class LocalTransformer(nn.Module):
    """Transformer blocks within each of ``squares`` x ``squares`` squares of a map ``[B, h, w, C]``."""

    def __init__(self, channels: int, heads: int, depth: int, squares: int, places: int) -> None:
        super().__init__()
        self.squares = squares
        self.places = nn.Parameter(torch.randn(places))
        self.blocks = nn.Sequential(*(TransformerBlock(channels, heads, bias=False) for _ in range(depth)))

    def forward(self, x: Tensor) -> Tensor:
        count, side, _, channels = x.shape
        tiled = (count, self.squares, side // self.squares, self.squares, side // self.squares, channels)
        x = x.reshape(tiled).transpose(2, 3)
        tokens = x.reshape(-1, len(self.places), channels)  # [B * squares ** 2, places, C]
        tokens = self.blocks(tokens + self.places[:, None])
        return tokens.reshape(x.shape).transpose(2, 3).reshape(count, side, side, channels)


class Aggregate(nn.Module):
    """From one level to the next: a map ``[B, h, w, C]`` to ``[B, h / 2, w / 2, C']``."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.norm = nn.LayerNorm(out_channels)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.conv(x.movedim(-1, 1)).movedim(1, -1))
        return self.pool(x.movedim(-1, 1)).movedim(1, -1)

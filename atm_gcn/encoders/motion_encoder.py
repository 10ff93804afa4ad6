"""Eq. 2: the motion encoder."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, Self, cast

import torch
from torch import Tensor, nn

from atm_gcn.encoders.acceleration import Cost
from atm_gcn.encoders.ca_block import ContinuousAttentionBlock, ConvNorm
from atm_gcn.encoders.checkpointing import recomputed
from atm_gcn.encoders.positional_encoding import sinusoidal_position
from atm_gcn.encoders.tiled import tiled_front, tiles_apply

STRIDES = (1, 2, 2, 2)
POSITION_SCALE = 0.05


@cache
def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """A method of the encoder, compiled once for all encoders and all numbers of frames."""
    fast = torch.compile(function)

    def call(encoder: nn.Module, *inputs: Tensor) -> Any:
        for tensor in inputs:
            if len(tensor) > 1:  # torch.compile treats sizes of 0 and 1 as constants
                torch._dynamo.mark_dynamic(tensor, 0)
        return fast(encoder, *inputs)

    return call


class MotionEncoder(nn.Module):
    r"""One motion feature for every frame, from its difference to the onset frame and its position in time.

    .. math::
        m_i = \mathcal{M}(f_i - f_{onset}, \mathcal{T}(i))

    A stem, continuous attention blocks, the average over a grid of cells, and a Linear. Frames of all clips form one
    flat batch. T(i) is added to the output of the first convolution, one value per channel, scaled by
    0.05, which is the magnitude of a facial movement there. Unscaled, it would dominate the movement after batch norm.

    The cells are batch-normalised, without parameters, before the Linear: products of attention maps in [0, 1] make the
    features so small that training would otherwise not progress for many epochs.

    Args:
        out_channels (int, optional): Size N_m of a motion feature. (default: :obj:`512`)
        num_blocks (int, optional): Continuous attention blocks, 1 to 4. (default: :obj:`4`)
        stem_channels (tuple[int, int], optional): Of the two stem convolutions. (default: :obj:`(180, 128)`)
        block_channels (tuple[int, ...], optional): Output channels of the blocks; the first keeps the stem's.
            (default: :obj:`(128, 128, 256, 512)`)
        grid (int, optional): The attended map is averaged to grid x grid cells. (default: :obj:`7`)
        use_motion (bool, optional): If set to :obj:`False`, f_i itself is encoded. (default: :obj:`True`)
        in_channels (int, optional): Channels C of an image: 3 of a frame or of optical flow, 6 of both.
            (default: :obj:`3`)

    Shapes:
        - **input:** ImageNet-normalised frames :math:`(F, C, H, W)`, onset frames of the same shape, frame indices
          :math:`(F)`. Optical flow is passed as a frame whose onset is 0.
        - **output:** motion features :math:`(F, N_m)`
    """

    def __init__(
        self,
        out_channels: int = 512,
        num_blocks: int = 4,
        stem_channels: tuple[int, int] = (180, 128),
        block_channels: tuple[int, ...] = (128, 128, 256, 512),
        grid: int = 7,
        use_motion: bool = True,
        in_channels: int = 3,
    ) -> None:
        super().__init__()
        if not 1 <= num_blocks <= min(len(STRIDES), len(block_channels)):
            raise ValueError(f"num_blocks must lie in 1..{min(len(STRIDES), len(block_channels))}, not {num_blocks}")
        self.use_motion = use_motion
        self.stem_channels = stem_channels
        self.narrowest = min(*stem_channels, *block_channels)
        self.stem_in = nn.Conv2d(in_channels, stem_channels[0], 3, stride=2, padding=1, bias=False)
        self.stem = nn.Sequential(
            nn.BatchNorm2d(stem_channels[0]), nn.ReLU(), ConvNorm(stem_channels[0], stem_channels[1], 3), nn.ReLU()
        )
        widths = (stem_channels[1], *block_channels[:num_blocks])
        self.blocks = nn.ModuleList(
            ContinuousAttentionBlock(widths[i], widths[i + 1], STRIDES[i], first=i == 0) for i in range(num_blocks)
        )
        self.pool = nn.AdaptiveAvgPool2d(grid)
        self.norm = nn.BatchNorm2d(widths[-1], affine=False)
        self.proj = nn.Linear(widths[-1] * grid * grid, out_channels)
        self.accelerate()

    def forward(self, frames: Tensor, onset_frames: Tensor, pos: Tensor) -> Tensor:
        return self.encode(frames, onset_frames, pos)[0]

    def attention_maps(self, frames: Tensor, onset_frames: Tensor, pos: Tensor) -> list[Tensor]:
        """The map A of every block, ``[F, 1, H_k, W_k]`` in [0, 1]."""
        return self.encode(frames, onset_frames, pos)[1]

    def encode(self, frames: Tensor, onset_frames: Tensor, pos: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Motion features and attention maps together, in the type of the encoder's weights."""
        with self._autocast(frames.device.type):
            features, maps = self._call(MotionEncoder._encode, frames, onset_frames, pos, compile=not self.checkpoint)
        return features.to(self.proj.weight.dtype), maps

    def _autocast(self, device_type: str) -> AbstractContextManager:
        if self.proj.weight.dtype is not torch.float32:
            return torch.autocast(device_type, enabled=False)  # it mixes types that batch norm does not take
        return nullcontext() if self.precision is torch.float32 else torch.autocast(device_type, self.precision)

    def accelerate(
        self,
        precision: torch.dtype = torch.float32,
        compile: bool = False,
        checkpoint: bool = False,
        channels_last: bool = True,
    ) -> Self:
        """Choose how to compute; results are equal up to rounding.

        Args:
            precision: Of convolutions and what is between them; ``torch.bfloat16`` by autocast. The features are
                float32 again. An encoder whose weights are not float32 computes in their type.
            compile: Compile with torch.compile, once for all numbers of frames.
            checkpoint: Keep little of the forward pass for the backward pass, and recompute the rest.
            channels_last: Use the channels-last memory format.
        """
        self.precision, self.compiles = precision, compile
        self.checkpoint, self.channels_last = checkpoint, channels_last
        self.to(memory_format=self._memory_format)  # type: ignore[call-overload]  # torch's stubs lack it
        return self

    @property
    def input_dtype(self) -> torch.dtype:
        """float32 at least: rounding the frames before taking the difference would lose faint movements."""
        return torch.promote_types(self.proj.weight.dtype, torch.float32)

    @property
    def _memory_format(self) -> torch.memory_format:  # an attribute of this type cannot be saved by torch.save
        return torch.channels_last if self.channels_last else torch.contiguous_format

    def cost(self, size: int) -> Cost:
        """What one frame of size x size pixels costs."""
        side = -(-size // 2)
        total = side**2 * (self.stem_in.weight.numel() + cast(ConvNorm, self.stem[2]).conv.weight.numel())
        for block in self._blocks():
            side = -(-side // block.stride)
            total += side**2 * sum(part.weight.numel() for part in block.modules() if isinstance(part, nn.Conv2d))
        return Cost(total, self.stem_channels[0] * (size // 2) ** 2, self.narrowest)

    def _blocks(self) -> list[ContinuousAttentionBlock]:
        return cast(list[ContinuousAttentionBlock], list(self.blocks))

    def _encode(self, frames: Tensor, onset_frames: Tensor, pos: Tensor) -> tuple[Tensor, list[Tensor]]:
        difference = frames - onset_frames if self.use_motion else frames
        difference = difference.to(self.proj.weight.dtype).contiguous(memory_format=self._memory_format)
        position = POSITION_SCALE * sinusoidal_position(pos, self.stem_channels[0])
        first = self._blocks()[0]
        saves_memory = self.checkpoint and self.training and torch.is_grad_enabled()
        if saves_memory and tiles_apply(self, self.stem_in, difference):
            if torch.is_autocast_enabled(difference.device.type):
                difference = difference.to(torch.get_autocast_dtype(difference.device.type))
            x, attention = tiled_front(self.stem_in, self.stem, first, difference, position)
            return self._call(MotionEncoder._finish, x, attention)  # everything but the front is compiled
        x = self.stem_in(difference)
        x, attention = first(self.stem(x + position.to(x.dtype)[:, :, None, None]))
        return self._finish(x, attention)

    def _finish(self, x: Tensor, attention: Tensor) -> tuple[Tensor, list[Tensor]]:
        """From the first block's output to the features."""
        maps = [attention]
        for block in self._blocks()[1:]:
            again = self.checkpoint and self.training and not torch.compiler.is_compiling()
            x, attention = recomputed(block, x, attention) if again else block(x, attention)
            maps.append(attention)
        return self.proj(self.norm(self.pool(x)).flatten(1)), maps

    def _call(self, method: Callable[..., Any], *inputs: Tensor, compile: bool = True) -> Any:
        """Call a method, compiled if so chosen; evaluation is not worth a compilation."""
        return (compiled(method) if self.compiles and self.training and compile else method)(self, *inputs)

"""T(i) of Eq. 2: where in the clip a frame stands."""

import torch
from torch import Tensor


def sinusoidal_position(pos: Tensor, channels: int, max_period: float = 10_000.0) -> Tensor:
    """Sines and cosines of the frames' times, at ``channels / 2`` frequencies from 1 down to ``1 / max_period``.

    Args:
        pos: ``[num_frames]`` time of each frame, in frames at the clip's rate; need not be whole.
        channels: Values a frame; an odd one is the last sine left out.
        max_period: Longest wavelength over 2 pi, in frames.

    Returns:
        ``[num_frames, channels]`` float32 in ``[-1, 1]``.
    """
    half = (channels + 1) // 2
    frequency = max_period ** -(torch.arange(half, device=pos.device) / half)
    angle = pos.to(torch.float32)[:, None] * frequency
    return torch.cat([angle.cos(), angle.sin()], dim=1)[:, :channels]

"""Eq. 1: every frame beside the onset frame of its clip, over clips of any lengths at once."""

import torch
from torch import Tensor

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


def normalize_frames(frames: Tensor) -> Tensor:
    """ImageNet-normalise RGB frames.

    Args:
        frames: ``[..., 3, H, W]``, uint8 in 0..255 or floating point in 0..1.

    Returns:
        The same shape in floating point, each channel less its mean over its standard deviation.
    """
    if not frames.is_floating_point():
        frames = frames.to(torch.get_default_dtype()) / 255
    mean = frames.new_tensor(IMAGENET_MEAN).view(3, 1, 1)
    std = frames.new_tensor(IMAGENET_STD).view(3, 1, 1)
    return (frames - mean) / std


def pair_with_onset(onset_frame: Tensor, batch: Tensor) -> Tensor:
    """Repeat the onset frame of each clip beside every other frame of the clip.

    Args:
        onset_frame: ``[B, 3, H, W]``.
        batch: ``[num_frames]`` int64, the clip of each frame.

    Returns:
        ``[num_frames, 3, H, W]``.
    """
    return onset_frame.index_select(0, batch)

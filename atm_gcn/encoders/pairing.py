"""Eq. 1: pairs of a frame and the onset frame of its clip, for clips of any lengths at once."""

import torch
from torch import Tensor, nn

from atm_gcn.errors import BatchError

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
INTEGERS = (torch.uint8, torch.int16, torch.int32, torch.int64)
ROUNDING = 1e-3  # tolerance for values that resizing moved out of 0..1


def normalize_frames(frames: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    """ImageNet-normalise RGB frames.

    Args:
        frames: ``[..., 3, H, W]``, uint8 in 0..255 or floating point in 0..1.
        dtype: To compute in; by default that of floating point frames, and torch's default type for others.

    Returns:
        The same shape in floating point, standardised per channel.

    Raises:
        BatchError: If the type is another, or values on a CPU are out of range. On a GPU values are not checked here,
            which would synchronise; :class:`~atm_gcn.ATMGCN` reads them together with the sizes of the clips.
    """
    check_frames(frames)
    if frames.is_floating_point():
        frames = frames.to(dtype or frames.dtype)
    else:
        frames = frames.to(dtype or torch.get_default_dtype()) / 255
    mean = frames.new_tensor(IMAGENET_MEAN).view(3, 1, 1)
    std = frames.new_tensor(IMAGENET_STD).view(3, 1, 1)
    return (frames - mean).div_(std)


def check_frames(frames: Tensor, name: str = "frames") -> None:
    """Make sure that frames are RGB values in their range, unless they are on a GPU or code is being compiled.

    Raises:
        BatchError: If they are not.
    """
    if not frames.is_floating_point() and frames.dtype not in INTEGERS:
        raise BatchError(f"{name} must be uint8 in 0..255 or floating point in 0..1, not {_type(frames)}")
    if frames.dtype != torch.uint8 and readable(frames) and outside_range(frames):
        raise complain_of_range(frames, name)


def readable(tensor: Tensor) -> bool:
    """Whether values can be read without waiting for a device, and outside of a graph that is being compiled."""
    return tensor.device.type == "cpu" and not torch.compiler.is_compiling()


def outside_range(frames: Tensor) -> Tensor:
    """Whether any value is outside 0..1, of integers outside 0..255, or not a number: a bool on the frames' device."""
    of_range = frames.is_floating_point() or frames.dtype in INTEGERS[1:]
    if not of_range or frames.numel() == 0:
        return torch.zeros((), dtype=torch.bool, device=frames.device)
    if frames.dim() == 4 and frames.is_contiguous(memory_format=torch.channels_last):
        frames = frames.permute(0, 2, 3, 1)  # in the order of memory, which is 15 times faster on a CPU
    low, high = frames.aminmax()
    largest = 1 + ROUNDING if frames.is_floating_point() else 255
    return ~((low >= -ROUNDING) & (high <= largest))  # also true for NaN


def complain_of_range(frames: Tensor, name: str = "frames") -> BatchError:
    """The error for frames of which :func:`outside_range` is true."""
    values = frames.detach().float()
    found = "hold NaN" if values.isnan().any() else f"go from {float(values.min()):g} to {float(values.max()):g}"
    largest = 1 if frames.is_floating_point() else 255
    is_bytes = frames.is_floating_point() and bool(((values >= 0) & (values <= 255)).all())
    fix = "; divide them by 255, or convert them to uint8" if is_bytes else ""
    return BatchError(f"{name} of type {_type(frames)} must lie in 0..{largest}, not {found}{fix}")


def _type(frames: Tensor) -> str:
    return str(frames.dtype).removeprefix("torch.")


def input_dtype(encoder: nn.Module) -> torch.dtype | None:
    """The type of the frames that an encoder takes: its ``input_dtype``, else that of its parameters if it has any."""
    parameters = (parameter.dtype for parameter in encoder.parameters() if parameter.is_floating_point())
    return getattr(encoder, "input_dtype", None) or next(parameters, None)


def pair_with_onset(onset_frame: Tensor, batch: Tensor) -> Tensor:
    """Repeat the onset frame of each clip for every other frame of the clip.

    Args:
        onset_frame: ``[B, 3, H, W]``.
        batch: ``[num_frames]`` int64, the clip of each frame.

    Returns:
        ``[num_frames, 3, H, W]``.
    """
    return onset_frame.index_select(0, batch)

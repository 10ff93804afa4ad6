"""Encoding a few frames at a time, so that memory does not grow with the length of a clip; in evaluation mode."""

from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice
from typing import Any

import torch
from torch import Tensor, nn

from atm_gcn.encoders.pairing import check_frames, input_dtype
from atm_gcn.encoders.views import check_flow, encoder_images, normalize_onset

CHUNK = 32  # frames
BLOCK = 4096  # frames whose features lie in one tensor


def encode_clips(
    encoder: nn.Module,
    frames: Tensor | None,
    onset_frame: Tensor | None,
    clip: Tensor,
    pos: Tensor,
    flow: Tensor | None = None,
    center_flow: bool = False,
) -> Tensor:
    """``[F, N_m]``: all frames at once while training or if gradients are needed, else :func:`encode_in_chunks`."""
    if not encoder.training and not torch.is_grad_enabled() and not torch.compiler.is_compiling():
        return encode_in_chunks(encoder, frames, onset_frame, clip, pos, flow=flow, center_flow=center_flow)
    dtype = input_dtype(encoder)
    images = encoder_images(frames, normalize_onset(onset_frame, dtype), flow, clip, dtype, center_flow)
    return encoder(*images, pos)


@torch.no_grad()
def encode_in_chunks(
    encoder: nn.Module,
    frames: Tensor | None,
    onset_frame: Tensor | None,
    clip: Tensor,
    pos: Tensor,
    chunk: int = CHUNK,
    flow: Tensor | None = None,
    center_flow: bool = False,
) -> Tensor:
    """Encode the frames of a batch, ``chunk`` at a time.

    Args:
        encoder: In evaluation mode, where batch norm treats every frame alone.
        frames: ``[F, 3, H, W]`` RGB, uint8 or in 0..1, on any device. Of a memory map only one chunk is
            read at a time. None for an encoder of optical flow alone.
        onset_frame: ``[B, 3, H, W]``, as ``frames``; None without them.
        clip: ``[F]`` int64, the clip of each frame.
        pos: ``[F]`` time of each frame, in frames at the clip's rate.
        chunk: Frames at a time.
        flow: Optical flow and strain, ``[F, 3, h, w]``, for an encoder of it.
        center_flow: Subtract from u and v of every picture their medians.

    Returns:
        ``[F, N_m]`` on the encoder's device, equal to encoding all frames at once up to rounding.
    """
    device = next(encoder.parameters(), pos).device  # an encoder may have no parameters
    dtype = input_dtype(encoder)
    onset = normalize_onset(None if onset_frame is None else onset_frame.to(device), dtype)
    features = Gathered(len(pos))
    for first in range(0, len(pos), chunk):
        part = slice(first, first + chunk)
        some, moved = _part(frames, part, device, check_frames), _part(flow, part, device, check_flow)
        images, references = encoder_images(some, onset, moved, clip[part].to(device), dtype, center_flow)
        features.add(encoder(images, references, pos[part].to(device)))
    return features.block


def encode_stream(
    encoder: nn.Module, frames: Iterable[Any], onset_frame: Any, first_pos: int = 2, chunk: int = CHUNK
) -> Iterator[Tensor]:
    """Encode the frames of one clip as a decoder or a memory map yields them, without keeping the frames.

    Args:
        encoder: In evaluation mode.
        frames: uint8 RGB ``[H, W, 3]``, arrays or tensors, one after another, the onset not among them.
        onset_frame: uint8 RGB ``[H, W, 3]``.
        first_pos: Index of the first of ``frames``; the onset's is 1.
        chunk: Frames at a time.

    Yields:
        ``[k, N_m]`` on the encoder's device, k at most ``chunk``; together ``[n, N_m]`` for n frames.

    Example:
        >>> x = torch.cat(list(encode_stream(model.encoder, source.iterate(numbers[1:]), onset)))
        >>> model(Data(x=x, pos=torch.arange(2, len(x) + 2), global_index=torch.tensor([apex]), num_nodes=len(x)))
    """
    onset, rest, features = _image(onset_frame)[None], iter(frames), Gathered(BLOCK)
    for first in count(first_pos, chunk):
        some = [_image(frame) for frame in islice(rest, chunk)]
        if not some:
            return
        pos = torch.arange(first, first + len(some))
        yield features.add(encode_in_chunks(encoder, torch.stack(some), onset, torch.zeros_like(pos), pos, chunk))


class Gathered:
    """Rows copied into large blocks.

    Kept one chunk at a time, features would lie between the large feature maps of the chunks and fragment the memory,
    which would then grow by megabytes per chunk.
    """

    def __init__(self, size: int) -> None:
        self.size, self.used, self.block = size, 0, torch.empty(0)

    def add(self, rows: Tensor) -> Tensor:
        """Copy ``rows`` to the end of the block, or to the beginning of another, and return them there."""
        if self.used + len(rows) > len(self.block):
            self.block, self.used = rows.new_empty(max(self.size, len(rows)), *rows.shape[1:]), 0
        self.used += len(rows)
        return self.block[self.used - len(rows) : self.used].copy_(rows)


def _part(images: Tensor | None, part: slice, device: torch.device, check: Callable[[Tensor], None]) -> Tensor | None:
    if images is None:
        return None
    if device.type != "cpu":  # where the encoder's inputs are not checked
        check(images[part])
    return images[part].to(device)


def _image(frame: Any) -> Tensor:
    return torch.as_tensor(frame).permute(2, 0, 1)

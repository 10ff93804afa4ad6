"""Encoding a few frames at a time, so that memory does not grow with the length of a clip; in evaluation mode."""

from collections.abc import Iterable, Iterator
from itertools import count, islice
from typing import Any

import torch
from torch import Tensor, nn

from atm_gcn.encoders.pairing import check_frames, input_dtype, normalize_frames, pair_with_onset

CHUNK = 32  # frames
BLOCK = 4096  # frames whose features lie in one tensor


@torch.no_grad()
def encode_in_chunks(
    encoder: nn.Module, frames: Tensor, onset_frame: Tensor, clip: Tensor, pos: Tensor, chunk: int = CHUNK
) -> Tensor:
    """Encode the frames of a batch, ``chunk`` at a time.

    Args:
        encoder: In evaluation mode, where batch norm treats every frame alone.
        frames: ``[F, 3, H, W]`` RGB, uint8 or in 0..1, on any device. Of a memory map only one chunk is
            read at a time.
        onset_frame: ``[B, 3, H, W]``, as ``frames``.
        clip: ``[F]`` int64, the clip of each frame.
        pos: ``[F]`` time of each frame, in frames at the clip's rate.
        chunk: Frames at a time.

    Returns:
        ``[F, N_m]`` on the encoder's device, equal to encoding all frames at once up to rounding.
    """
    device = next(encoder.parameters(), frames).device  # an encoder may have no parameters
    dtype = input_dtype(encoder)
    check_frames(onset_frame, "onset_frame")
    onset = normalize_frames(onset_frame.to(device), dtype)
    features = Gathered(len(frames))
    for some, owner, place in zip(*(whole.split(chunk) for whole in (frames, clip, pos)), strict=True):
        if device.type != "cpu":
            check_frames(some)  # before they are copied to the device
        pairs = pair_with_onset(onset, owner.to(device))
        features.add(encoder(normalize_frames(some.to(device), dtype), pairs, place.to(device)))
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


def _image(frame: Any) -> Tensor:
    return torch.as_tensor(frame).permute(2, 0, 1)

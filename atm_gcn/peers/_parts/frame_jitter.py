"""Onset and apex moved in time while training."""

import torch
from torch import Tensor
from torch_geometric.data import Data

from atm_gcn.encoders.pairing import normalize_frames
from atm_gcn.peers._parts.clip_reading import apex_nodes, attribute, bounds

ROUNDING = 1e-6
"""Added before rounding down, so that a share of 0.05 of 20 frames is 1."""


def apex_places(batch: Data) -> tuple[Tensor, Tensor]:
    """int64 ``[B]`` twice: places of the apex and of the last node, counted from the onset frame, which has place 0."""
    ptr = bounds(batch)
    return apex_nodes(batch) - ptr[:-1] + 1, ptr.diff()


def jittered_places(apex: Tensor, last: Tensor, onset: float, before: float, after: float) -> tuple[Tensor, Tensor]:
    """Places for onset and apex, each drawn at the same odds from whole places, with torch's global generator.

    Args:
        apex: int64 ``[B]`` place of the apex; that of the onset is 0.
        last: int64 ``[B]`` place of the last node.
        onset: Share of the way from onset to apex up to which the onset may lie.
        before: Share of that way by which the apex may lie earlier.
        after: Share of the way from apex to the last node by which it may lie later. All are rounded down.
    """
    drawn_onset = _drawn(torch.zeros_like(apex), _part(apex, onset))
    return drawn_onset, _drawn(apex - _part(apex, before), apex + _part(last - apex, after))


def frames_at(batch: Data, place: Tensor) -> Tensor:
    """``[B, 3, H, W]`` one frame of every clip, ImageNet-normalised: the onset frame at place 0, else that node's.

    Raises:
        BatchError: If the batch has no frames or no onset frames.
    """
    first = bounds(batch)[:-1]
    frames = normalize_frames(attribute(batch, "frames")[first + (place - 1).clamp(min=0)])
    return frames.where((place > 0)[:, None, None, None], normalize_frames(attribute(batch, "onset_frame")))


def _part(way: Tensor, share: float) -> Tensor:
    return (way.double() * share + ROUNDING).floor().long()


def _drawn(low: Tensor, high: Tensor) -> Tensor:
    chance = torch.rand(low.shape, dtype=torch.float64, device=low.device)
    return low + (chance * (high - low + 1)).long()

"""Reads onset, apex, frames and optical flow of clips for the peers."""

import torch
import torch.nn.functional as F
from torch import Tensor
from torch_geometric.data import Data

from atm_gcn.encoders.pairing import normalize_frames
from atm_gcn.errors import BatchError

FIXES = {
    "flow": "prepare the frames with --flow dis, farneback or tvl1",
    "depth": "prepare recordings that have depth with --depth",
}


def apex_flow(batch: Data, side: int | None = None) -> Tensor:
    """``[B, 3, h, w]`` u, v and strain from the onset to the apex, resized to ``side`` x ``side``.

    Raises:
        BatchError: If the batch has no optical flow, or a clip of it no global node.
    """
    flow = attribute(batch, "flow")[apex_nodes(batch)]
    return flow if side is None else resized(flow, side)


def apex_frame(batch: Data, side: int | None = None) -> Tensor:
    """``[B, 3, H, W]`` the apex frame, ImageNet-normalised.

    Raises:
        BatchError: If the batch has no frames, or a clip of it no global node.
    """
    return _picture(attribute(batch, "frames")[apex_nodes(batch)], side)


def onset_frame(batch: Data, side: int | None = None) -> Tensor:
    """``[B, 3, H, W]`` the onset frame, ImageNet-normalised.

    Raises:
        BatchError: If the batch has no onset frames.
    """
    return _picture(attribute(batch, "onset_frame"), side)


def apex_nodes(batch: Data) -> Tensor:
    """int64 ``[B]`` the apex frame's node of every clip.

    Raises:
        BatchError: If a clip has none.
    """
    nodes, count = attribute(batch, "global_index"), bounds(batch).numel() - 1
    if nodes.numel() != count:
        raise BatchError(f"global_index must hold the apex frame's node of each of {count} clips, not {nodes.numel()}")
    return nodes


def even_nodes(batch: Data, count: int) -> Tensor:
    """int64 ``[B, count]`` nodes of every clip at even distances, the first and the last among them."""
    ptr = bounds(batch)
    last = (ptr[1:] - 1 - ptr[:-1]).unsqueeze(1)
    steps = torch.linspace(0, 1, count, device=ptr.device)
    return ptr[:-1, None] + (last * steps).round().long()


def bounds(batch: Data) -> Tensor:
    """int64 ``[B + 1]`` where the clips of a batch begin, and where the last ends; a single clip is a batch of one."""
    ptr = batch.get("ptr")
    return torch.tensor([0, batch.num_nodes], device=batch.global_index.device) if ptr is None else ptr


def attribute(batch: Data, name: str) -> Tensor:
    """An attribute of a batch.

    Raises:
        BatchError: If it has none of that name.
    """
    value = batch.get(name)
    if value is None:
        fix = FIXES.get(name, "set it in every clip")
        raise BatchError(f"the batch has no {name}, which the network reads; {fix}")
    return value


def resized(pictures: Tensor, side: int) -> Tensor:
    """Pictures ``[B, C, h, w]`` at ``side`` x ``side`` pixels."""
    if pictures.shape[-2:] == (side, side):
        return pictures
    shrinks = max(pictures.shape[-2:]) > side
    return F.interpolate(pictures, (side, side), mode="bilinear", align_corners=False, antialias=shrinks)


def _picture(frames: Tensor, side: int | None) -> Tensor:
    frames = normalize_frames(frames)
    return frames if side is None else resized(frames, side)

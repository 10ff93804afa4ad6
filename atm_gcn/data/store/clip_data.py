"""One clip as a :class:`~torch_geometric.data.Data`, with its graph."""

from functools import lru_cache

import numpy as np
import torch
from torch_geometric.data import Data

from atm_gcn.data.store.stored_clips import StoredClip
from atm_gcn.graph.topology import Topology, build_topology

OF_NODES = ("frames", "flow", "depth", "x", "pos")
"""Attributes of a clip with one row per node."""


def picture_data(stored: StoredClip, label: int, frames: np.ndarray | None, positions: np.ndarray, window: int) -> Data:
    """A clip of pictures; :class:`~atm_gcn.data.MERDataset` says what it holds.

    Args:
        stored: The clip.
        label: Number of its class.
        frames: uint8 RGB ``[L, H, W, 3]``, the onset first; None for a clip without them.
        positions: Of the frames in time, ``[L]``; the first is 1.
        window: w of Eq. 3.
    """
    num_nodes, global_node = stored.num_frames - 1, stored.apex_position - 1
    edge_index, edge_slot, _ = topology(num_nodes, global_node, window)
    images = None if frames is None else torch.from_numpy(frames).permute(0, 3, 1, 2)  # [L, 3, H, W]
    return Data(
        **({} if images is None else {"frames": images[1:], "onset_frame": images[:1]}),
        pos=torch.from_numpy(positions[1:].astype(np.float32)),
        global_index=torch.tensor([global_node]),
        edge_index=edge_index,
        edge_slot=edge_slot,
        num_nodes=num_nodes,
        y=torch.tensor([label]),
        subject=stored.clip.subject_key,
        clip=stored.clip.key,
    )


def apex_only(data: Data) -> Data:
    """The clip with the node of its apex frame alone, and its onset frame."""
    apex, window = int(data.global_index), 1
    edge_index, edge_slot, _ = topology(1, 0, window)
    kept = {name: data[name][apex : apex + 1].clone() for name in OF_NODES if name in data}
    replaced = {"global_index": torch.tensor([0]), "edge_index": edge_index, "edge_slot": edge_slot, "num_nodes": 1}
    return Data.from_dict({**data.to_dict(), **kept, **replaced})


def flow_tensor(flow: np.ndarray) -> torch.Tensor:
    """Optical flow ``[L, h, w, 3]`` without the onset's row, which is zero: float32 ``[n, 3, h, w]``."""
    return torch.from_numpy(flow[1:].astype(np.float32)).permute(0, 3, 1, 2)


def landmarks_tensor(landmarks: np.ndarray | None) -> torch.Tensor:
    """Landmarks ``[5, 2]`` as float32 ``[1, 5, 2]``; NaN where there are none."""
    return torch.from_numpy(np.full((1, 5, 2), np.nan) if landmarks is None else landmarks[None]).float()


def depth_tensor(depth: np.ndarray) -> torch.Tensor:
    """Depth uint16 ``[L, H, W]`` without the onset's: float32 ``[n, 1, H, W]`` in the onset's standard deviations.

    Where nothing was measured, the median of the onset's depth is assumed; with it, the onset has zero mean and unit
    variance. An onset without any depth gives zeros.
    """
    onset = depth[0].astype(np.float32)
    measured = onset[onset > 0]
    if not measured.size:
        return torch.zeros(len(depth) - 1, 1, *onset.shape)
    filled = np.where(depth > 0, depth, np.median(measured)).astype(np.float32)
    mean, deviation = filled[0].mean(dtype=np.float64), filled[0].std(dtype=np.float64)
    return torch.from_numpy((filled[1:, None] - np.float32(mean)) / np.float32(deviation or 1))


@lru_cache(maxsize=4096)
def topology(num_nodes: int, global_node: int | None, window: int) -> Topology:
    """The edges of one clip; they depend on three small numbers, and clips share them."""
    anchor = None if global_node is None else torch.tensor([global_node])
    with torch.inference_mode(False):  # a clip that was first read for a prediction is trained on later
        return build_topology(torch.tensor([num_nodes]), anchor, window)

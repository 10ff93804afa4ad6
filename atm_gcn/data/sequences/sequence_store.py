"""Clips as Data objects, in memory or in a dataset of PyG, in the form that training reads."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data

from atm_gcn.config import DataConfig
from atm_gcn.data.sequences.checked_item import CheckedItem
from atm_gcn.data.store.clip_data import topology
from atm_gcn.data.store.clip_store import ClipStore, View
from atm_gcn.data.store.stored_clips import StoredClip
from atm_gcn.errors import ATMGCNError

CLASS_FIX = "add items of it, in y or label, or leave it out of class_names"


class SequenceStore(ClipStore):
    """Clips of features ``x``, or of frames, that are no frame store.

    :func:`from_dataset` and :func:`~atm_gcn.data.load_features` make one. ``MERDataset(store)`` reads it.

    Args:
        items: The clips as Data objects; read again whenever a clip is needed.
        checked: What was found in each of them.
        clips: The record of each.
        classes: The labels in the order of the logits.
        path: The file that they come from, if any.
    """

    same_fix = "give both the same {}"
    settings_fix = "leave the setting out, which is for atm-gcn prepare"
    fix = "correct the subjects or leave one of the two out"

    def __init__(
        self,
        items: Any,
        checked: Sequence[CheckedItem],
        clips: list[StoredClip],
        classes: list[str],
        path: Path | None = None,
    ) -> None:
        self.items, self.path, self.clips, self.classes = items, path, clips, classes
        self._checked = list(checked)
        self.class_fix = CLASS_FIX if path is None else "add clips of it, or leave it out of the argument classes"
        _check_alike(self._checked, clips)

    @property
    def name(self) -> str:
        return "the data" if self.path is None else str(self.path)

    @cached_property
    def config(self) -> DataConfig:
        """The default settings, with the size of the frames if they are square."""
        height, width = self._checked[0].frame_shape or (0, 0)
        fits = height == width and 16 <= height <= 2048
        return DataConfig(size=height) if fits else DataConfig()

    @cached_property
    def checksum(self) -> str:
        parts = [*self.classes]
        for checked, stored in zip(self._checked, self.clips, strict=True):
            clip = stored.clip
            parts += [clip.key, clip.label, f"{clip.fps:.10g}", str(stored.apex_position), checked.digest]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    @property
    def frame_size(self) -> int | None:
        shape = self._checked[0].frame_shape
        return None if shape is None else max(shape)

    @property
    def model_settings(self) -> dict[str, Any]:
        width = self._checked[0].width
        return {} if width is None else {"input": "features", "motion_channels": width}

    def read(self, index: int) -> np.ndarray:
        data = self.items[index]
        if self.frame_size is None:
            return np.asarray(data.x.detach().cpu().float().numpy())
        frames = torch.cat([data.onset_frame, data.frames])  # [L, 3, H, W]
        frames = (frames * 255).round() if frames.is_floating_point() else frames
        return np.ascontiguousarray(frames.to(torch.uint8).permute(0, 2, 3, 1).numpy())

    def item(self, index: int, window: int, view: View | None = None) -> Data:
        """The Data object with what it lacked: its class as ``y``, ``clip``, ``subject``, ``pos``, the graph."""
        stored, data = self.clips[index], self.items[index].clone()
        num_nodes, global_node = stored.num_frames - 1, self._checked[index].global_node
        data.num_nodes = num_nodes
        data.y = torch.tensor([self.classes.index(stored.clip.label)])
        data.subject, data.clip = stored.clip.subject_key, stored.clip.key
        data.global_index = torch.tensor([] if global_node is None else [global_node], dtype=torch.int64)
        data.pos = _positions(data.get("pos"), num_nodes)
        if data.get("x") is not None:
            data.x = data.x.to(torch.float32)
        if data.get("edge_index") is None:
            data.edge_index, data.edge_slot, _ = topology(num_nodes, global_node, window)
        return data

    def __repr__(self) -> str:
        return f"SequenceStore({self.name}, clips={len(self)}, classes={self.classes})"


def _positions(pos: Tensor | None, num_nodes: int) -> Tensor:
    return torch.arange(2.0, num_nodes + 2) if pos is None else pos.flatten().to(torch.float32)


def _check_alike(checked: Sequence[CheckedItem], clips: Sequence[StoredClip]) -> None:
    """Raise an :class:`ATMGCNError` if two clips hold other attributes, or features of another width."""
    first = checked[0]
    for one, stored in zip(checked, clips, strict=True):
        if one.width != first.width and None not in (one.width, first.width):
            raise ATMGCNError(
                f"clip {stored.clip.key}: x has {one.width} features per row, and clip {clips[0].clip.key} has "
                f"{first.width}; give all clips the same features"
            )
        if one.keys != first.keys:
            odd = sorted(one.keys ^ first.keys)[0]
            has, lacks = (stored, clips[0]) if odd in one.keys else (clips[0], stored)
            raise ATMGCNError(
                f"clip {has.clip.key} has {odd}, and clip {lacks.clip.key} has none; give all clips the same attributes"
            )
        if one.frame_shape != first.frame_shape:
            raise ATMGCNError(
                f"clip {stored.clip.key}: its frames are {one.frame_shape} pixels, and those of clip "
                f"{clips[0].clip.key} are {first.frame_shape}; resize them"
            )

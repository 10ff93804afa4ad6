"""The check of one clip of a dataset of PyG, before anything is trained on it."""

import hashlib
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from atm_gcn.data.sequences.apex import apex_node
from atm_gcn.data.sequences.attributes import shown, whole_number
from atm_gcn.errors import ATMGCNError

OWN = {"y", "subject", "clip", "dataset", "label", "fps", "global_index", "pos", "num_nodes"}
"""Attributes that a clip need not have, because they are derived or belong to its record."""


@dataclass(frozen=True)
class CheckedItem:
    """What was found in a clip.

    Args:
        num_nodes: Rows of x, or frames after the onset.
        global_node: The node of the apex, or that which the rule chose; None without one.
        apex_source: ``"given"``, or the rule.
        width: Features per row; None for frames.
        frame_shape: Height and width of its frames; None for features.
        keys: Attributes that every clip must have if one has them.
        digest: SHA-256 of its tensors.
    """

    num_nodes: int
    global_node: int | None
    apex_source: str
    width: int | None
    frame_shape: tuple[int, int] | None
    keys: frozenset[str]
    digest: str


def check_item(data: Any, where: str, apex: str) -> CheckedItem:
    """Check the tensors of a clip.

    Args:
        data: The clip.
        where: What messages call it.
        apex: Rule for a clip without ``global_index``.

    Raises:
        ATMGCNError: If it has neither ``x`` nor ``frames`` with ``onset_frame``, or both, rows that are not finite,
            another number of positions, positions that do not ascend, or its global node outside.
    """
    frames, x = data.get("frames"), data.get("x")
    if frames is not None and x is not None:
        raise ATMGCNError(f"{where}: has both features x and frames; a model reads one of them, so leave the other out")
    if frames is not None:
        rows = _frames(frames, data.get("onset_frame"), where)
        shape = (int(frames.size(2)), int(frames.size(3)))
    elif x is not None:
        rows, shape = _features(x, where), None
    else:
        raise ATMGCNError(f"{where}: has neither features x [num_frames, C] nor frames; set one of the two")
    _check_positions(data.get("pos"), len(rows), where)
    given = None if apex == "none" else data.get("global_index")
    node = apex_node(apex, rows) if given is None else _global_node(given, len(rows), where)
    return CheckedItem(
        num_nodes=len(rows),
        global_node=node,
        apex_source=apex if given is None else "given",
        width=None if shape else rows.size(1),
        frame_shape=shape,
        keys=frozenset(key for key, value in data if value is not None) - OWN,
        digest=_digest(data),
    )


def _features(x: Any, where: str) -> Tensor:
    if not isinstance(x, Tensor) or x.dim() != 2 or not x.numel():
        found = list(x.shape) if isinstance(x, Tensor) else type(x).__name__
        raise ATMGCNError(f"{where}: x must be a tensor [num_frames, C] with one row per frame, not {found}")
    if x.is_complex() or x.is_sparse:
        raise ATMGCNError(f"{where}: x must hold real numbers in a dense tensor; convert it")
    bad = (~x.isfinite().all(dim=1)).nonzero().flatten().tolist()
    if bad:
        raise ATMGCNError(f"{where}: row {bad[0]} of x holds NaN or infinity; fill it in, or leave the frame out")
    return x


def _frames(frames: Any, onset: Any, where: str) -> Tensor:
    if not isinstance(frames, Tensor) or frames.dim() != 4 or frames.size(1) != 3 or not frames.numel():
        found = list(frames.shape) if isinstance(frames, Tensor) else type(frames).__name__
        raise ATMGCNError(f"{where}: frames must be a tensor [num_frames, 3, H, W], the onset frame apart, not {found}")
    expected = [1, *frames.shape[1:]]
    if not isinstance(onset, Tensor) or list(onset.shape) != expected or onset.dtype != frames.dtype:
        found = f"{list(onset.shape)} of {onset.dtype}" if isinstance(onset, Tensor) else type(onset).__name__
        raise ATMGCNError(f"{where}: onset_frame must be a tensor {expected} of {frames.dtype}, not {found}")
    highest = max(float(frames.max()), float(onset.max()))
    if frames.is_floating_point() and not highest <= 1.001:  # also true for NaN
        raise ATMGCNError(
            f"{where}: frames of {frames.dtype} must lie in 0..1, and the largest value is {highest:g}; divide them by "
            "255, or convert them to uint8"
        )
    return (frames.float() - onset.float()).flatten(1)


def _check_positions(pos: Any, num_nodes: int, where: str) -> None:
    if pos is None:
        return
    if not isinstance(pos, Tensor) or pos.numel() != num_nodes:
        found = pos.numel() if isinstance(pos, Tensor) else type(pos).__name__
        raise ATMGCNError(f"{where}: pos must hold one value for each of its {num_nodes} rows, not {found}")
    if not pos.isfinite().all():
        raise ATMGCNError(f"{where}: pos holds NaN or infinity; it counts frames, the onset frame being 1")
    wrong = (~(pos.flatten().diff() > 0)).nonzero().flatten().tolist()
    if wrong:
        raise ATMGCNError(f"{where}: pos does not ascend at row {wrong[0] + 1}, counted from 0; sort the rows by time")


def _global_node(given: Any, num_nodes: int, where: str) -> int:
    node = whole_number(given)
    if node is None:
        raise ATMGCNError(f"{where}: global_index must hold the row of the apex, one whole number, not {shown(given)}")
    if not 0 <= node < num_nodes:
        raise ATMGCNError(
            f"{where}: global_index is {node}, and its rows are 0 to {num_nodes - 1}; name the row of the apex, "
            "or leave it out"
        )
    return node


def _digest(data: Any) -> str:
    content = hashlib.sha256()
    for key, value in sorted((key, value) for key, value in data if isinstance(value, Tensor)):
        value = value.detach().cpu()
        content.update(f"{key} {value.dtype} {list(value.shape)} ".encode())
        content.update(value.to_dense().contiguous().view(-1).view(torch.uint8).numpy().data)
    return content.hexdigest()

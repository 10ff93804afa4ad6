"""Validation of a batch of clips before a model computes with it."""

from itertools import pairwise

import torch
from torch import Tensor
from torch_geometric.data import Data

from atm_gcn.encoders import VIEWS, pairing
from atm_gcn.encoders.views import complain_of_flow, not_finite
from atm_gcn.errors import BatchError
from atm_gcn.graph.topology import check_clips

FIXES = {
    "pos": "set it in every clip to the time of each row in frames, such as torch.arange(2, n + 2)",
    "global_index": "set it in every clip to the row of the apex frame, such as torch.tensor([n // 2])",
    "onset_frame": "set it in every clip to its onset frame, [1, 3, H, W]",
    "frames": "the model reads optical flow beside frames, so give every clip its frames [n, 3, H, W] too",
    "flow": "the model reads optical flow, so set it in every clip to u, v and strain, [n, 3, h, w]; a frame store has "
    "it if it was prepared with --set data.flow=dis",
}


def check_batch(batch: Data, uses_graph: bool = True, view: str = "frames") -> list[int] | None:
    """Make sure that a batch is what :class:`~atm_gcn.ATMGCN` takes.

    All values that are needed come from the batch's device in one transfer, together with the sizes of the clips.
    Frames on a CPU are checked when they are normalised.

    Args:
        batch: A clip or a batch of clips.
        uses_graph: Whether ``pos`` and ``global_index`` are needed.
        view: What the encoder reads, of :data:`~atm_gcn.encoders.VIEWS`, unless ``x`` takes its place.

    Returns:
        Nodes of each clip; None in compiled code, which is not checked.

    Raises:
        BatchError: If there is no clip, a clip has no node, its nodes are not contiguous, its global node lies outside,
            attributes are missing or of other lengths, or images on a GPU are out of range. Clips are counted from 0.
    """
    if torch.compiler.is_compiling():
        return None
    images = images_of(batch, view)
    _check_attributes(batch, images, uses_graph)
    clip, ptr, num_clips = clips_of(batch)
    expected = torch.searchsorted(ptr[1:].contiguous(), torch.arange(clip.numel(), device=clip.device), right=True)
    beside = ("onset_frame",) if "frames" in images else ()
    unread = [name for name in (*images, *beside) if not pairing.readable(batch[name])]
    outside = (not_finite(batch.flow) if name == "flow" else pairing.outside_range(batch[name]) for name in unread)
    flags = torch.stack([(clip != expected).any(), *outside])
    facts = torch.cat([ptr, batch.global_index if uses_graph else ptr[:0], flags]).tolist()
    bounds, global_index = facts[: num_clips + 1], facts[num_clips + 1 : -len(flags)]
    torn, *found = facts[-len(flags) :]

    num_nodes = [end - first for first, end in pairwise(bounds)]
    if global_index and len(global_index) != num_clips:
        raise BatchError(
            f"global_index must hold one node for each of {num_clips} clips, or none, not {len(global_index)}"
        )
    check_clips(num_nodes, [node - bounds[i] for i, node in enumerate(global_index)] if global_index else None)
    if torn or bounds[-1] != clip.numel():
        raise BatchError(_torn(clip, expected, num_clips))
    for name, flag in zip(unread, found, strict=True):
        if flag:
            raise complain_of_flow() if name == "flow" else pairing.complain_of_range(batch[name], name)
    for name in ("pos", "x", *images):
        _check_rows(batch, name, bounds)
    for name in images:
        _check_shape(name, batch[name])
    if "frames" in images:
        _check_onset(batch.frames, batch.onset_frame, num_clips)
    return num_nodes


def images_of(batch: Data, view: str) -> tuple[str, ...]:
    """The attributes of a batch that an encoder of a view reads: none if motion features ``x`` take their place."""
    names = VIEWS.get(view, ())
    return names if batch.x is None or all(name in batch for name in names) else ()


def view_of(batch: Data, view: str) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """``frames``, ``onset_frame`` and ``flow`` of a batch, None where an encoder of a view does not read them.

    Raises:
        BatchError: If the batch lacks one that it reads.
    """
    images = images_of(batch, view)
    _check_images(batch, images)
    frames, onset_frame = (batch.frames, batch.onset_frame) if "frames" in images else (None, None)
    return frames, onset_frame, batch.flow if "flow" in images else None


def _check_images(batch: Data, images: tuple[str, ...]) -> None:
    if images == ("frames",) and "frames" not in batch:
        raise BatchError("the batch has neither frames nor motion features x")
    for name in images:
        if batch.get(name) is None:
            raise BatchError(f"the batch has no {name}; {FIXES[name]}")


def clips_of(batch: Data) -> tuple[Tensor, Tensor, int]:
    """``batch`` [num_nodes], ``ptr`` [B + 1] and B; a single clip is a batch of one.

    Raises:
        BatchError: If the batch does not define where its clips begin.
    """
    if batch.batch is not None:
        if batch.get("ptr") is None:
            raise BatchError("the batch has no ptr; make it with Batch.from_data_list or a DataLoader of PyG")
        return batch.batch, batch.ptr, batch.ptr.numel() - 1
    device = (batch.x if batch.pos is None else batch.pos).device
    clip = torch.zeros(batch.num_nodes, dtype=torch.int64, device=device)
    return clip, torch.tensor([0, batch.num_nodes], device=device), 1


def check_edges(batch: Data) -> None:
    """Make sure that edges of a batch's own have the slots in which Adaptive-TM keeps its scores.

    Raises:
        BatchError: If they have none, naming the first clip if it has a name.
    """
    if batch.edge_index is not None and batch.get("edge_slot") is None:
        names = batch.get("clip")
        clip = f"clip {names if isinstance(names, str) else names[0]}" if names else "the batch"
        raise BatchError(
            f"Adaptive-TM needs edge_slot beside edge_index, and {clip} has no edge_slot; remove edge_index to have "
            "the graph built, set both with build_topology, or set model.adaptive=false to use these edges"
        )


def check_features(what: str, features: Tensor, rows: str, channels: int) -> None:
    """Make sure that motion features have the width for which a model was built.

    Raises:
        BatchError: If they have another shape; ``what`` and ``rows`` name them and their first dimension.
    """
    if features.dim() != 2 or features.size(1) != channels:
        raise BatchError(
            f"{what} must be [{rows}, {channels}] motion features, not {list(features.shape)}; "
            f"ModelConfig(motion_channels=...) sets their number"
        )


def _check_attributes(batch: Data, images: tuple[str, ...], uses_graph: bool) -> None:
    _check_images(batch, images)
    needed = {"pos": uses_graph or images, "global_index": uses_graph, "onset_frame": "frames" in images}
    for name, is_needed in needed.items():
        if is_needed and batch.get(name) is None:
            raise BatchError(f"the batch has no {name}; {FIXES[name]}")


def _check_rows(batch: Data, name: str, bounds: list[int]) -> None:
    """One row per node in the batch and, as far as PyG recorded the sizes, in every clip."""
    value, cuts = batch.get(name), getattr(batch, "_slice_dict", {}).get(name)
    if value is None:
        return
    found = cuts.tolist() if isinstance(cuts, Tensor) else bounds
    if found != bounds and len(found) == len(bounds) and found[-1] == len(value):
        rows, nodes = ([end - first for first, end in pairwise(ends)] for ends in (found, bounds))
        clip = next(clip for clip in range(len(rows)) if rows[clip] != nodes[clip])
        raise BatchError(
            f"clip {clip} of the batch, counted from 0, must have a row of {name} for each of {nodes[clip]} nodes, "
            f"not {rows[clip]}"
        )
    if len(value) != bounds[-1]:
        raise BatchError(f"{name} must have a row for each of the batch's {bounds[-1]} nodes, not {len(value)}")


def _check_shape(name: str, images: Tensor) -> None:
    if images.dim() != 4 or images.size(1) != 3:
        raise BatchError(f"{name} must be [num_nodes, 3, H, W], not {list(images.shape)}")


def _check_onset(frames: Tensor, onset_frame: Tensor, num_clips: int) -> None:
    if onset_frame.shape != (num_clips, *frames.shape[1:]):
        expected = [num_clips, *frames.shape[1:]]
        raise BatchError(f"onset_frame must be {expected}, one per clip, not {list(onset_frame.shape)}")


def _torn(clip: Tensor, expected: Tensor, num_clips: int) -> str:
    rule = f"the {clip.numel()} nodes must lie clip after clip, from clip 0 to {num_clips - 1}, as ptr says"
    for node in (clip != expected).nonzero().flatten().tolist()[:1]:
        rule += f"; node {node} is of clip {int(clip[node])}, not {int(expected[node])}"
    return rule

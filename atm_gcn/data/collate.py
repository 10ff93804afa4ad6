"""Clips to a batch, their frames copied once."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.utils.data import get_worker_info
from torch_geometric.data import Batch, Data

IMAGES = ("frames", "onset_frame", "flow", "depth")


def collate_clips(clips: Sequence[Data]) -> Batch:
    """As ``Batch.from_data_list``, with images that are channels last in memory.

    The images are in page-locked memory where there is a GPU, so that they can be sent while it computes, and in shared
    memory in a worker process, so that they are not copied on their way out of it.
    """
    batch = Batch.from_data_list(clips, exclude_keys=IMAGES)
    for name in IMAGES:
        if all(name in clip for clip in clips):
            batch[name] = gather([clip[name] for clip in clips])
    return batch


def gather(images: Sequence[Tensor]) -> Tensor:
    """Concatenate ``[n, C, H, W]`` to ``[sum of n, C, H, W]``, all of them channels last in memory."""
    rows = [image.permute(0, 2, 3, 1) for image in images]
    shape = (sum(map(len, rows)), *rows[0].shape[1:])
    out = _empty(shape, rows[0].dtype)
    torch.cat(rows, out=out)
    return out.permute(0, 3, 1, 2)


def _empty(shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    out = torch.empty(0, dtype=dtype)
    if get_worker_info() is None:
        return out.new_empty(shape, pin_memory=torch.cuda.is_available())
    count = torch.Size(shape).numel()
    storage = out._typed_storage()._new_shared(count, device=out.device)
    return out.new(storage).resize_(shape)

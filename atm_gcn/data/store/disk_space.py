"""A check that a disk has room for a frame store."""

import logging
import shutil
from pathlib import Path

from atm_gcn.errors import ATMGCNError

logger = logging.getLogger(__name__)

_LARGE = 1e9  # bytes from which the size is logged


def check_space(frames: Path, num_frames: int, size: int, free: int | None = None) -> None:
    """Check, before frames are decoded, that all of them fit on the disk.

    Args:
        frames: File of the frames; what it holds already needs no further room.
        num_frames: Frames of the store.
        size: Height and width of each, in pixels.
        free: Bytes that the disk has left; None asks the system.

    Raises:
        ATMGCNError: If there is too little room.
        OSError: If the system does not report them.
    """
    total = 3 * num_frames * size**2
    status = frames.stat() if frames.exists() else None
    # The file has its full length from the start; its blocks are those that were written.
    written = getattr(status, "st_blocks", 0) * 512
    free = shutil.disk_usage(frames.parent).free if free is None else free
    if total - written > free:
        raise ATMGCNError(
            f"{frames.parent}: the frame store takes {total / 1e9:.2f} GB, and its disk has {free / 1e9:.2f} GB free; "
            "make room, or lower data.size, data.fps or data.max_frames"
        )
    if total >= _LARGE:
        logger.info("the frame store takes %.1f GB of %.1f GB free", total / 1e9, free / 1e9)

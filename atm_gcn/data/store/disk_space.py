"""Whether a disk has room for a frame store."""

import logging
import shutil
from pathlib import Path

from atm_gcn.errors import ATMGCNError

logger = logging.getLogger(__name__)

_TOLD = 1e9  # bytes from which on the need is announced


def check_space(frames: Path, num_frames: int, size: int, free: int | None = None) -> None:
    """Make sure, before a frame is decoded, that all of them fit on the disk.

    Args:
        frames: File that the frames go to; what it holds already needs no room.
        num_frames: Frames of the store.
        size: Height and width of each, in pixels.
        free: Bytes that the disk has left; None asks it.

    Raises:
        ATMGCNError: If there is too little room.
        OSError: If the disk cannot be asked.
    """
    total = 3 * num_frames * size**2
    status = frames.stat() if frames.exists() else None
    # The file has its full length from the start; blocks tell how much of it was written.
    written = getattr(status, "st_blocks", 0) * 512
    free = shutil.disk_usage(frames.parent).free if free is None else free
    if total - written > free:
        raise ATMGCNError(
            f"{frames.parent}: the frame store takes {total / 1e9:.2f} GB, and its disk has {free / 1e9:.2f} GB free; "
            "make room, or lower data.size, data.fps or data.max_frames"
        )
    if total >= _TOLD:
        logger.info("the frame store takes %.1f GB of %.1f GB free", total / 1e9, free / 1e9)

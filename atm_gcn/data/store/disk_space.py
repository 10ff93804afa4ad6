"""A check that a disk has room for a frame store."""

import logging
import shutil
from collections.abc import Mapping
from pathlib import Path

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.limits import size_text

logger = logging.getLogger(__name__)

_LARGE = 1e9  # bytes from which the size is logged


def check_space(files: Mapping[Path, int], free: int | None = None) -> None:
    """Check, before frames are decoded, that the large files of a store fit on the disk.

    Args:
        files: The bytes that each will have; what it holds already needs no further room.
        free: Bytes that the disk has left; None asks the system.

    Raises:
        ATMGCNError: If there is too little room.
        OSError: If the system does not report them.
    """
    total, folder = sum(files.values()), next(iter(files)).parent
    # A file has its full length from the start; its blocks are those that were written.
    written = sum(getattr(file.stat(), "st_blocks", 0) * 512 for file in files if file.exists())
    free = shutil.disk_usage(folder).free if free is None else free
    if total - written > free:
        raise ATMGCNError(
            f"{folder}: the frame store takes {size_text(total)}, and its disk has {size_text(free)} free; "
            "make room, or lower data.size, data.flow_size, data.fps or data.max_frames"
        )
    if total >= _LARGE:
        logger.info("the frame store takes %s of %s free", size_text(total), size_text(free))

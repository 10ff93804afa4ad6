"""What becomes of the memory of freed tensors on a CPU: kept for the next ones, unless the machine runs short of it."""

import ctypes
import sys
from functools import lru_cache
from typing import Any

import torch

from atm_gcn.machine import available_memory, total_memory

SCARCE = 0.5  # of the machine's memory; with less of it left, freed memory is returned
M_MMAP_MAX, M_TRIM_THRESHOLD = -4, -1  # of glibc's malloc.h


@lru_cache(maxsize=1)
def keep_freed_memory() -> None:
    """Let glibc reuse the memory of freed tensors, for the rest of the process.

    By default it returns every large block to the kernel, which fills the next one with zeros, page by page: a third of
    the time of a training step in float32. On other systems this does nothing.

    Steps of different sizes leave gaps between blocks, so that a process may come to hold several times the memory of
    its largest step; :func:`return_if_scarce` keeps it from taking all of the machine's memory.
    """
    libc = _glibc()
    if libc is not None:
        libc.mallopt(M_MMAP_MAX, 0)
        libc.mallopt(M_TRIM_THRESHOLD, -1)


def return_if_scarce(device: torch.device) -> bool:
    """Return freed memory to the system if the machine has little left; call it after every step on a CPU.

    Args:
        device: Where the step was computed; nothing is done for a GPU's.

    Returns:
        Whether memory was returned.
    """
    if device.type != "cpu" or available_memory() >= SCARCE * total_memory(device):
        return False
    libc = _glibc()
    return libc is not None and bool(libc.malloc_trim(0))


@lru_cache(maxsize=1)
def _glibc() -> Any:
    """The C library if it is glibc, else None: others have no such switches."""
    if sys.platform != "linux":
        return None
    try:
        libc = ctypes.CDLL(None)
        libc.gnu_get_libc_version  # noqa: B018
    except (OSError, AttributeError):
        return None
    return libc

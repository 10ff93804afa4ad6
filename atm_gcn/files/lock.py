"""A lock by which one process at a time writes a folder."""

import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.refusals import open_own

try:
    import fcntl
except ImportError:  # Windows, where folders go without a lock
    HAS_LOCKS = False
else:
    HAS_LOCKS = True

FILE_NAME = "lock"
HOLDER = re.compile(r"(process \d+( on .*)?\n)?")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a folder for this process.

    The kernel releases the lock however the process ends, also by ``kill -9``. Between machines the lock holds on
    network disks that pass locks on to their server, as NFS does since Linux 2.6.12; on others, start one writer only.

    Args:
        folder: An existing folder.

    Raises:
        ATMGCNError: If another process holds it, or a file of that name is not a lock.
    """
    path = folder / FILE_NAME
    descriptor = take(path, folder)
    try:
        yield
    finally:
        with suppress(OSError):
            if _is_at(descriptor, path):
                path.unlink()
        os.close(descriptor)


def take(path: Path, name: Path, title: str = "") -> int:
    """Lock a file and write the holder into it; closing the returned descriptor releases it.

    Args:
        path: The file; made if it does not exist.
        name: What the lock protects, for an error.
        title: The file's first line, with its line end; none by default.

    Raises:
        ATMGCNError: If another process holds it, or the file holds something else.
    """
    while True:
        descriptor = open_own(path)
        text = os.read(descriptor, 1000).decode(errors="replace")
        if not try_lock(descriptor):
            os.close(descriptor)
            holder = text.removeprefix(title).strip() or "unknown"
            raise ATMGCNError(
                f"{name}: is being written by another process ({holder}); wait for it, or name another folder"
            )
        if text and not HOLDER.fullmatch(text.removeprefix(title)):
            os.close(descriptor)
            raise ATMGCNError(f"{path}: is not a file of atm-gcn; rename it, or name another folder")
        with suppress(FileNotFoundError):
            if _is_at(descriptor, path):
                break
        os.close(descriptor)  # the holder removed the file after it was opened here
    with suppress(OSError):  # the holder is information only, which a full disk may lack
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"{title}process {os.getpid()} on {platform.node()}\n".encode())
    return descriptor


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether an open file is still the one at ``path``."""
    return os.path.samestat(os.fstat(descriptor), path.stat(follow_symlinks=False))


def try_lock(descriptor: int) -> bool:
    """Lock an open file, and return False if another process holds it; True on systems without locks."""
    if not HAS_LOCKS:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

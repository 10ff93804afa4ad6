"""One process at a time may write a run's folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from atm_gcn.errors import ATMGCNError

try:
    import fcntl
except ImportError:  # Windows, where runs go without a lock
    fcntl = None

FILE_NAME = "lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder for this process.

    The kernel holds the lock and lets it go however the process ends, so that nothing is left to clear up after a
    ``kill -9``. Between machines it holds on network disks that pass locks on to their server, as NFS does since Linux
    2.6.12; on one that does not, take care that only one machine writes.

    Args:
        folder: Which exists.

    Raises:
        ATMGCNError: If another process holds it.
    """
    if fcntl is None:
        yield
        return
    path = folder / FILE_NAME
    handle = _take(path, folder)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(handle)


def _take(path: Path, folder: Path) -> int:
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise ATMGCNError(f"{path}: cannot be written ({error.strerror})") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(handle, 100).decode(errors="replace").strip()
            os.close(handle)
            raise ATMGCNError(
                f"{folder}: is being written by another process ({holder or 'unknown'}); wait for it, or name another "
                "folder"
            ) from error
        with suppress(FileNotFoundError):
            if os.fstat(handle).st_ino == path.stat().st_ino:
                break
        os.close(handle)  # its holder removed the file between our opening and locking it
    with suppress(OSError):  # whose lock it is helps to read an error, but a full disk is no reason to stop here
        os.ftruncate(handle, 0)
        os.write(handle, f"process {os.getpid()} on {os.uname().nodename}\n".encode())
    return handle

"""Refusals in one sentence: links, pipes and foreign files in a folder, and errors of the operating system."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from atm_gcn.errors import ATMGCNError

NO_LINK = getattr(os, "O_NOFOLLOW", 0)  # Windows lacks both
NO_WAIT = getattr(os, "O_NONBLOCK", 0)


@contextmanager
def write_errors(path: str | Path) -> Iterator[None]:
    """Turn an :class:`OSError` of the block into an :class:`ATMGCNError` about writing ``path``."""
    try:
        yield
    except OSError as error:
        raise ATMGCNError(f"{path}: cannot be written ({reason(error)})") from error


def reason(error: Exception) -> str:
    """The text of an error, without its number and path."""
    return getattr(error, "strerror", None) or str(error)


def refuse_link(path: Path) -> None:
    """Raise an :class:`ATMGCNError` if ``path`` itself is a symbolic link."""
    if path.is_symlink():
        raise ATMGCNError(f"{path}: is a symbolic link, through which nothing is written; replace it by its target")


def refuse_links(folder: Path) -> None:
    """Check that nothing written below ``folder`` ends up elsewhere.

    ``folder`` itself may be a link, since its user named it.

    Raises:
        ATMGCNError: If anything below it is a symbolic link.
    """
    for inside, folders, files in os.walk(folder):
        for name in sorted(folders + files):
            refuse_link(Path(inside, name))


def refuse_special(path: Path) -> None:
    """Raise an :class:`ATMGCNError` if ``path`` is a pipe or a device, which might be read forever."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise ATMGCNError(f"{path}: is no regular file; copy it again from its source")


def open_own(path: Path) -> int:
    """Open a file for reading and writing in place, or make it; return its descriptor.

    Raises:
        ATMGCNError: If it is a link, no regular file, or a hard link of another file.
    """
    refuse_link(path)
    with write_errors(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | NO_LINK | NO_WAIT, 0o666)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
        os.close(descriptor)
        kind = "has a second name elsewhere" if stat.S_ISREG(status.st_mode) else "is no regular file"
        raise ATMGCNError(f"{path}: {kind}; rename or delete it")
    return descriptor

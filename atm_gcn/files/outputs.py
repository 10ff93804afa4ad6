"""Files that somebody names as an output: devices and pipes too, but never an input, nor what is not ours."""

import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.refusals import refusals
from atm_gcn.files.writing import replacing

GENERATOR = "atm-gcn"
"""What outputs have in the field of their format that names the program."""

FIGURE_METADATA = {"png": {"Software": GENERATOR}, "pdf": {"Creator": GENERATOR, "CreationDate": None}}
"""What matplotlib writes into a figure, by format; without a date, equal figures are equal files."""

VIDEO_METADATA = {"comment": f"written by {GENERATOR}"}

STANDARD_OUTPUT = Path("/dev/stdout")
_DESCRIPTOR = re.compile(r"/dev/fd/(\d+)|/proc/self/fd/(\d+)|/dev/std(in|out|err)")


@contextmanager
def writing(path: str | Path) -> Iterator[Path]:
    """As :func:`~atm_gcn.files.replacing`, for a file that somebody named.

    A link is followed once, and what it names replaced. A device, a pipe or a descriptor of this process such as
    ``/dev/stdout`` gets the content when the block is done.

    Raises:
        ATMGCNError: If the system refuses to write, or ``path`` is a disk or a socket.
    """
    path = Path(path)
    if not is_special(path):
        with replacing(os.path.realpath(path) if path.is_symlink() else path) as partial:
            yield partial
        return
    with refusals(path), tempfile.TemporaryDirectory() as folder:
        partial = Path(folder, "output")
        yield partial
        with partial.open("rb") as content, os.fdopen(_open(path), "wb") as special:
            shutil.copyfileobj(content, special)


def is_special(path: Path) -> bool:
    """Whether a path names a device, a pipe or a descriptor of this process rather than a file.

    Raises:
        ATMGCNError: If the system cannot tell, or it names a disk or a socket.
    """
    if _DESCRIPTOR.fullmatch(path.as_posix()):
        return True
    with refusals(path):
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            return False
    if stat.S_ISBLK(mode) or stat.S_ISSOCK(mode):
        raise ATMGCNError(f"{path}: is a {'disk' if stat.S_ISBLK(mode) else 'socket'}; name a file")
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)


def check_output(
    path: Path, inputs: Iterable[str | Path], is_ours: Callable[[Path], bool], force: bool = False
) -> None:
    """Make sure, before any work is done, that a file may be written.

    Args:
        path: The file.
        inputs: Files and folders that are read.
        is_ours: Whether an existing file was written by this package.
        force: Replace one that was not.

    Raises:
        ATMGCNError: If it is an input, or exists and is not ours.
    """
    if is_special(path):
        return
    exists = path.exists()
    if exists and not path.is_file():
        raise ATMGCNError(f"{path}: is a folder; name a file")
    for one in map(Path, inputs):
        refuse_input(path, one)
        if exists and one.is_dir() and _lies_in(path, one) and not is_ours(path):
            raise ATMGCNError(f"{path}: lies in {one}, which is read; name another file")
    if exists and not force and not is_ours(path):
        raise ATMGCNError(f"{path}: exists and is no output of atm-gcn; name another file, or add --force")


def refuse_input(path: Path, one: Path) -> None:
    """Raise an :class:`ATMGCNError` if an output is the file ``one``, which is read, by whatever link or name."""
    with suppress(OSError, ValueError):
        if path.samefile(one):
            raise ATMGCNError(f"{path}: is read, as {one}, and cannot be the output; name another file")


def _lies_in(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _open(path: Path) -> int:
    number = _DESCRIPTOR.fullmatch(path.as_posix())
    if number is None:
        return os.open(path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0))
    sys.stdout.flush()
    return os.dup(int(number[1] or number[2] or ("in", "out", "err").index(number[3])))

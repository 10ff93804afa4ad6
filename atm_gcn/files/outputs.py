"""Files that a user names as an output: also devices and pipes, but no input and no file of another program."""

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
from atm_gcn.files.refusals import write_errors
from atm_gcn.files.writing import replacing

GENERATOR = "atm-gcn"
"""Name of the program in the metadata of outputs."""

FIGURE_METADATA = {"png": {"Software": GENERATOR}, "pdf": {"Creator": GENERATOR, "CreationDate": None}}
"""Metadata of a figure, by format; without a date, so that equal figures are equal files."""

VIDEO_METADATA = {"comment": f"written by {GENERATOR}"}

STANDARD_OUTPUT = Path("/dev/stdout")
_DESCRIPTOR = re.compile(r"/dev/fd/(\d+)|/proc/self/fd/(\d+)|/dev/std(in|out|err)")


@contextmanager
def writing(path: str | Path) -> Iterator[Path]:
    """As :func:`~atm_gcn.files.replacing`, for a file that a user named.

    Of a link, the target is replaced. A device, a pipe or a descriptor of this process such as
    ``/dev/stdout`` gets the content when the block is done.

    Raises:
        ATMGCNError: If the system refuses to write, or ``path`` is a disk or a socket.
    """
    path = Path(path)
    if not is_special(path):
        with replacing(os.path.realpath(path) if path.is_symlink() else path) as partial:
            yield partial
        return
    with write_errors(path), tempfile.TemporaryDirectory() as folder:
        partial = Path(folder, "output")
        yield partial
        with partial.open("rb") as content, os.fdopen(_open(path), "wb") as special:
            shutil.copyfileobj(content, special)


def is_special(path: Path) -> bool:
    """Whether a path names a device, a pipe or a descriptor of this process rather than a file.

    Raises:
        ATMGCNError: If its kind cannot be read, or it names a disk or a socket.
    """
    if _DESCRIPTOR.fullmatch(path.as_posix()):
        return True
    with write_errors(path):
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
    """Check, before any work is done, that a file may be written.

    Args:
        path: The file.
        inputs: Files and folders that are read.
        is_ours: Whether an existing file was written by this package.
        force: Whether to replace one that was not.

    Raises:
        ATMGCNError: If it is an input, or exists and was written by another program.
    """
    if is_special(path):
        return
    exists = path.exists()
    if exists and not path.is_file():
        raise ATMGCNError(f"{path}: is a folder; name a file")
    for one in map(Path, inputs):
        refuse_input(path, one)
        if exists and one.is_dir() and _lies_in(path, one) and not is_ours(path):
            raise ATMGCNError(
                f"{path}: lies in {one}, which is an input, and is no output of atm-gcn; name another file"
            )
    if exists and not force and not is_ours(path):
        raise ATMGCNError(f"{path}: exists and is no output of atm-gcn; name another file, or add --force")


def refuse_input(path: Path, one: Path) -> None:
    """Raise an :class:`ATMGCNError` if an output is the input ``one``, under whatever name or link."""
    with suppress(OSError, ValueError):
        if path.samefile(one):
            raise ATMGCNError(f"{path}: is the input {one}, and cannot be the output; name another file")


def _lies_in(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _open(path: Path) -> int:
    number = _DESCRIPTOR.fullmatch(path.as_posix())
    if number is None:
        return os.open(path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0))
    sys.stdout.flush()
    return os.dup(int(number[1] or number[2] or ("in", "out", "err").index(number[3])))

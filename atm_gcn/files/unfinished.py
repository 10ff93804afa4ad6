"""A folder that is made under a temporary name, and renamed when it is whole."""

import os
import re
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.lock import HAS_LOCKS, take
from atm_gcn.files.refusals import NO_LINK, NO_WAIT, refuse_link, write_errors
from atm_gcn.files.writing import remove_leftovers, temporary_name

MARK = ".atm-gcn-unfinished"
TITLE = re.compile(r"atm-gcn unfinished [a-z ]+ [0-9a-f]{16}\n")


class UnfinishedFolder:
    """``OUT.partial`` while ``OUT`` is made, held by one process at a time.

    A mark, a file of known name and content, is in it from the moment it appears, and stays when its process is
    killed. A folder with content but no mark, or with entries that ``owns`` does not know, is refused and not touched.

    Args:
        out: The folder to make; where it is a link, the folder that it names.
        what: What it will be, in lower case: ``"frame store"``.
        owns: Whether a path within the folder is one of its own; those of folders end in a slash.

    Attributes:
        path: The unfinished folder.

    Raises:
        ATMGCNError: On entering, if the folder is refused, or another process holds it.
    """

    def __init__(self, out: Path, what: str, owns: Callable[[str], bool]) -> None:
        self.name, self.what, self.owns = out, what, owns
        self.out = Path(os.path.realpath(out))
        if not self.out.name:
            raise ATMGCNError(f"{out}: is the root of the disk; name a folder below it")
        self.path = self.out.with_name(f"{self.out.name}.partial")
        self._descriptor = -1

    def __enter__(self) -> Self:
        title = None
        while self._descriptor < 0:
            with write_errors(self.name):
                self.out.parent.mkdir(parents=True, exist_ok=True)
                refuse_link(self.path)
                if not self.path.exists() or (self.path.is_dir() and not any(self.path.iterdir())):
                    self._make()
            title = _title(self.path)
            if title is None and self.path.exists():
                raise ATMGCNError(f"{self.path}: exists and is no unfinished {self.what}; rename or delete it")
            self._take(title)
        try:
            remove_leftovers(self.path)
            for entry in self._entries():
                refuse_link(entry)
                if not self._is_own(entry):
                    raise ATMGCNError(
                        f"{entry}: does not belong to an unfinished {self.what}; move it, or name another folder"
                    )
        except BaseException:
            self._release()
            raise
        return self

    def clear(self) -> None:
        """Delete what an earlier process left in the folder."""
        with write_errors(self.path):
            for entry in self._entries():
                if self._is_own(entry):
                    entry.rmdir() if entry.is_dir() else entry.unlink()

    def finish(self, without: Iterable[str] = ()) -> None:
        """Rename the folder to ``out``, replacing an empty one.

        Args:
            without: Files that only an unfinished folder has.
        """
        if not HAS_LOCKS:
            self._release()  # Windows renames no folder with an open file in it
        with write_errors(self.name):
            if self.out.exists():
                self.out.rmdir()
            self.path.replace(self.out)
        remove_mark(self.out, without)
        self._release()

    def remove(self) -> None:
        """Delete the folder and its own entries."""
        with suppress(OSError, ATMGCNError):
            self.clear()
            (self.path / MARK).unlink()
            self.path.rmdir()
        self._release()

    def __exit__(self, *_: object) -> None:
        if self._descriptor >= 0 and not list(self._entries()):
            self.remove()  # there is nothing to resume
        self._release()

    def _make(self) -> None:
        """Make the folder with its mark in one step."""
        fresh = self.path.with_name(temporary_name(self.path.name))
        fresh.mkdir()
        try:
            (fresh / MARK).write_text(f"atm-gcn unfinished {self.what} {secrets.token_hex(8)}\n", encoding="ascii")
            fresh.rename(self.path)
        except OSError:
            if not self.path.exists():  # otherwise another process was quicker
                raise
        finally:
            with suppress(OSError):
                (fresh / MARK).unlink()
                fresh.rmdir()

    def _take(self, title: str | None) -> None:
        try:
            self._descriptor = take(self.path / MARK, self.name, title or "")
        except ATMGCNError:
            if self.path.exists():
                raise

    def _entries(self) -> Iterator[Path]:
        """Everything in the folder except the mark; the content of a folder before the folder."""
        for inside, folders, names in os.walk(self.path, topdown=False):
            yield from (Path(inside, name) for name in names + folders if Path(inside, name) != self.path / MARK)

    def _is_own(self, entry: Path) -> bool:
        """Whether ``owns`` knows an entry, and it is neither a link nor a hard link."""
        status = entry.lstat()
        is_folder = stat.S_ISDIR(status.st_mode)
        alone = is_folder or (stat.S_ISREG(status.st_mode) and status.st_nlink == 1)
        return alone and self.owns(entry.relative_to(self.path).as_posix() + "/" * is_folder)

    def _release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def remove_mark(folder: Path, others: Iterable[str] = ()) -> None:
    """Delete the mark from a finished folder, and files that only an unfinished one has.

    They remain in a folder whose process was killed while it was renamed.
    """
    if _title(folder) is not None:
        with suppress(OSError):
            for name in (*others, MARK):
                (folder / name).unlink(missing_ok=True)


def _title(folder: Path) -> str | None:
    """The first line of a folder's mark; None if there is no mark."""
    try:
        descriptor = os.open(folder / MARK, os.O_RDONLY | NO_LINK | NO_WAIT)
    except OSError:
        return None
    with os.fdopen(descriptor, errors="replace") as file:
        line = file.readline(200)
    return line if TITLE.fullmatch(line) else None

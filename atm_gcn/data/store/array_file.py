"""Array files of a frame store with one row per frame: written clip by clip, and read clip by clip."""

import os
from functools import cached_property
from pathlib import Path
from tokenize import TokenError
from typing import Any, BinaryIO

import numpy as np

from atm_gcn.data.store.meta import FIX
from atm_gcn.errors import ATMGCNError


class ArrayFile:
    """A finished array file, ``[num_frames, ...]``.

    A file that was cut or replaced since it was opened raises an error, where a memory map would end the process with
    SIGBUS.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def array(self) -> np.memmap:
        """Memory map of all rows; writing to it never reaches the file."""
        return mapped(self.path)

    def check(self, dtype: Any, shape: tuple[int, ...]) -> None:
        """Make sure that the file holds this array and nothing else.

        Raises:
            ATMGCNError: If it does not, or is missing or truncated.
        """
        array, kind = self.array, np.dtype(dtype)
        if array.shape != shape or array.dtype != kind:
            raise ATMGCNError(
                f"{self.path}: holds {array.dtype} {list(array.shape)} where its manifest needs {kind} {list(shape)}; "
                f"{FIX}"
            )
        if self.path.stat().st_size != self._layout[0] + array.nbytes:
            raise ATMGCNError(f"{self.path}: holds more than its frames; {FIX}")

    def rows(self, first: int, count: int) -> np.ndarray:
        """Some rows, read from the file.

        Raises:
            ATMGCNError: If the file was cut, replaced or changed since the first rows were read.
        """
        start, shape, dtype, opened = self._layout
        rows = np.empty((count, *shape[1:]), dtype)
        try:
            with self.path.open("rb") as file:
                if _identity(file) != opened:
                    raise ATMGCNError(f"{self.path}: was changed while it was in use; {FIX}")
                file.seek(start + first * rows[0].nbytes)
                if file.readinto(rows.view(np.uint8).data) < rows.nbytes:
                    raise ATMGCNError(f"{self.path}: was cut while it was in use; {FIX}")
        except OSError as error:
            raise ATMGCNError(f"{self.path}: cannot be read ({error.strerror}); {FIX}") from error
        return rows

    @cached_property
    def _layout(self) -> tuple[int, tuple[int, ...], np.dtype, tuple[int, int, int]]:
        """Where the rows begin in the file, shape and type of all, and which file it is."""
        with self.path.open("rb") as file:
            array = self.array
            return array.offset, array.shape, array.dtype, _identity(file)

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path}


class ArrayWriter:
    """An array file of an unfinished store, whose rows are written in any order.

    The file gets its header and its full length at once, and keeps the rows that it has.

    Args:
        path: The file.
        dtype: Type of the values.
        shape: Of the whole array.
    """

    def __init__(self, path: Path, dtype: Any, shape: tuple[int, ...]) -> None:
        self.path, self.dtype = path, np.dtype(dtype)
        header = {"descr": np.lib.format.dtype_to_descr(self.dtype), "fortran_order": False, "shape": shape}
        self._row_bytes = self.dtype.itemsize * int(np.prod(shape[1:]))
        with path.open("r+b" if path.exists() else "w+b") as file:
            np.lib.format.write_array_header_1_0(file, header)
            self._start = file.tell()
            file.truncate(self._start + shape[0] * self._row_bytes)

    def write(self, first: int, rows: np.ndarray) -> None:
        """Write rows from row ``first`` on, and wait until they are on the disk."""
        with self.path.open("r+b") as file:  # a full disk raises an error here, and a signal in a memory map
            file.seek(self._start + first * self._row_bytes)
            file.write(np.ascontiguousarray(rows, self.dtype).view(np.uint8).data)
            file.flush()
            os.fsync(file.fileno())

    def read(self, first: int, count: int) -> np.ndarray:
        """The bytes of some rows, as they are in the file."""
        rows = np.empty(count * self._row_bytes, np.uint8)
        with self.path.open("rb") as file:
            file.seek(self._start + first * self._row_bytes)
            file.readinto(rows.data)
        return rows


def mapped(path: Path) -> np.memmap:
    """Memory map of an array file; writing to it never reaches the file."""
    try:
        try:
            return np.lib.format.open_memmap(path, mode="c")
        except OSError:  # systems that reserve memory for private pages refuse to map more than they have
            return np.lib.format.open_memmap(path, mode="r")
    except FileNotFoundError as error:
        raise ATMGCNError(f"{path}: is missing; {FIX}") from error
    except (OSError, ValueError, EOFError, OverflowError, SyntaxError, TokenError) as error:  # of numpy's header reader
        raise ATMGCNError(f"{path}: is truncated or no array ({error}); {FIX}") from error


def _identity(file: BinaryIO) -> tuple[int, int, int]:
    status = os.fstat(file.fileno())
    return status.st_ino, status.st_size, status.st_mtime_ns

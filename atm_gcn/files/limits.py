"""Bounds on what reading a file may cost, each with an environment variable that raises it.

A small file may claim to hold much. Bounds are checked before memory is allocated.
"""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from atm_gcn.errors import ATMGCNError


class Limit(NamedTuple):
    """A bound.

    Args:
        variable: Environment variable that holds another value, such as ``"2e8"``.
        default: The value without it.
    """

    variable: str
    default: int

    @property
    def value(self) -> int:
        """The bound in force.

        Raises:
            ATMGCNError: If the environment variable holds no number of at least 1.
        """
        text = os.environ.get(self.variable, "")
        if not text:
            return self.default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not 1 <= value < math.inf:
            raise ATMGCNError(f"{self.variable} must be a number of at least 1, not {text[:60]!r}")
        return int(value)

    @property
    def remedy(self) -> str:
        """How to raise the bound, for the end of an error."""
        return f"if you trust the file, set the environment variable {self.variable} to a larger number"


PIXELS = Limit("ATM_GCN_MAX_PIXELS", 1 << 26)
"""Pixels of a picture or of a video's frame: 8192 x 8192."""

CLIP_BYTES = Limit("ATM_GCN_MAX_CLIP_BYTES", 1 << 32)
"""Bytes of the scaled frames of one clip, which are held in memory: 4 GiB."""

TABLE_BYTES = Limit("ATM_GCN_MAX_TABLE_BYTES", 1 << 24)
"""Bytes of a manifest or an annotation table: 17 million."""

TABLE_ROWS = Limit("ATM_GCN_MAX_TABLE_ROWS", 50_000)
"""Rows of a manifest or an annotation table; the largest published one has some thousands."""

MOST_COLUMNS = 1000
LONGEST_CELL = 5000
"""Characters of a cell of a manifest or an annotation table."""

SETTINGS_BYTES = 1 << 17
"""Bytes of a file of settings; one with every setting in it has 3,000."""


def size_text(size: float) -> str:
    """Bytes in the largest unit of which there is one: ``"15.05 GB"``, ``"3.20 MB"``, ``"512 bytes"``."""
    for unit, least in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= least:
            return f"{size / least:.2f} {unit}"
    return f"{size:.0f} bytes"


def read_limited(path: Path, limit: int) -> bytes | None:
    """The content of a file or pipe; None, without reading on, where it has more than ``limit`` bytes.

    Raises:
        OSError: If it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(limit + 1)
    return content if len(content) <= limit else None


def read_table_file(path: Path) -> bytes:
    """The content of a manifest or an annotation table.

    Raises:
        OSError: If it cannot be read.
        ATMGCNError: If it has too many bytes.
    """
    content = read_limited(path, TABLE_BYTES.value)
    if content is None:
        raise ATMGCNError(f"{path}: has more than {TABLE_BYTES.value:,} bytes; {TABLE_BYTES.remedy}")
    return content


def check_cells(path: Path, row: int, cells: Sequence[str]) -> None:
    """Check that a row of a table has a plausible size.

    Args:
        path: The table, for the error.
        row: Number of the row, from 1.
        cells: Its cells.

    Raises:
        ATMGCNError: If it has too many cells or one that is too long, or there are too many rows.
    """
    if row > TABLE_ROWS.value + 1:
        raise ATMGCNError(f"{path}: has more than {TABLE_ROWS.value:,} rows; {TABLE_ROWS.remedy}")
    if len(cells) > MOST_COLUMNS:
        raise ATMGCNError(f"{path}, row {row}: has {len(cells):,} cells; at most {MOST_COLUMNS:,} are read")
    if max(map(len, cells), default=0) > LONGEST_CELL:
        raise ATMGCNError(f"{path}, row {row}: has a cell of more than {LONGEST_CELL:,} characters; shorten it")

"""Cells of a spreadsheet file: xlsx, xls or csv, told apart by their content, every cell as text."""

import csv
import datetime
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from atm_gcn.errors import ATMGCNError, require

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"  # xlsx is a zip archive, xls an OLE file
_TEXT_ENCODINGS = ("utf-8-sig", "gb18030", "latin-1")  # spreadsheet programs in China save CSV as GB 18030


@dataclass(frozen=True)
class Merge:
    """A merged cell: first and last row and column, counted from 0."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        rows = f"rows {self.top + 1} to {self.bottom + 1}" if self.bottom > self.top else f"row {self.top + 1}"
        columns = f" and columns {self.left + 1} to {self.right + 1}" if self.right > self.left else ""
        return rows + columns


@dataclass(frozen=True)
class Sheet:
    """One sheet of a file.

    Args:
        name: The sheet's name; empty for CSV.
        rows: Text of the cells; ``rows[0]`` is row 1 of the spreadsheet. Rows may differ in length. Of a merged cell,
            the upper left one alone holds the text.
        merges: The merged cell that covers a row and column, for all but its upper left one; none for CSV.
    """

    name: str
    rows: list[list[str]]
    merges: dict[tuple[int, int], Merge] = field(default_factory=dict)

    def value(self, merge: Merge) -> str:
        """Text of a merged cell."""
        row = self.rows[merge.top] if merge.top < len(self.rows) else []
        return row[merge.left] if merge.left < len(row) else ""

    def filled(self, index: int) -> list[str]:
        """A row, its empty cells filled from cells that are merged over rows."""
        row = list(self.rows[index])
        for column, text in enumerate(row):
            merge = self.merges.get((index, column))
            if merge and not text and column == merge.left:
                row[column] = self.value(merge)
        return row

    @property
    def empty(self) -> bool:
        """Whether no cell holds anything."""
        return not any(any(row) for row in self.rows)


def read_sheets(path: Path) -> list[Sheet]:
    """Read every sheet that holds something, with the places of its merged cells.

    Numbers come as text without a needless fraction (``46.0`` reads ``"46"``), blank cells as empty strings.

    Raises:
        ATMGCNError: If the file is missing, unreadable, empty or no spreadsheet.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise ATMGCNError(f"{path}: there is no such file; give the annotation table as xlsx, xls or csv") from error
    except OSError as error:
        raise ATMGCNError(f"{path}: cannot be read ({error.strerror})") from error
    is_workbook = content.startswith((_ZIP, _OLE))
    sheets = _workbook(path, content) if is_workbook else [Sheet("", _csv_rows(path, content))]
    filled = [sheet for sheet in sheets if not sheet.empty]
    if not filled:
        raise ATMGCNError(f"{path}: holds no cells; give the annotation table as it was published")
    return filled


def _workbook(path: Path, content: bytes) -> list[Sheet]:
    calamine = require("python_calamine", "excel", f"{path.name}: reading Excel files")
    try:
        with _silent_stderr():
            book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
            return [_sheet(name, book.get_sheet_by_name(name)) for name in book.sheet_names]
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # the reader panics on some damaged files, which is no Exception
        reason = " ".join(str(error).split())
        raise ATMGCNError(f"{path}: is a damaged or protected Excel file ({reason}); save it again as xlsx") from error


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """A panic of the reader writes to the file descriptor itself; its message reaches us as an error all the same."""
    try:
        sys.stderr.flush()
        saved, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    except (OSError, AttributeError):  # a program without stderr
        yield
        return
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nothing)


def _sheet(name: str, sheet: "CalamineSheet") -> Sheet:
    rows = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    merges = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        merge = Merge(top, left, bottom, right)
        for row in range(top, min(bottom + 1, len(rows))):
            merges |= {(row, column): merge for column in range(left, min(right + 1, len(rows[row])))}
        merges.pop((top, left), None)
    return Sheet(name, rows, merges)


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return " ".join(str(cell).split())


def _csv_rows(path: Path, content: bytes) -> list[list[str]]:
    text = _decoded(content)
    if "\x00" in text:
        raise ATMGCNError(f"{path}: is not a table; give the annotations as xlsx, xls or csv")
    sample = text[:4096]
    delimiter = max(",;\t", key=sample.count)
    try:
        return [[_text(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as error:
        raise ATMGCNError(f"{path}: is not a table ({error}); give the annotations as xlsx, xls or csv") from error


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    for encoding in _TEXT_ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""

"""Cells of a spreadsheet file as text; xlsx, xls and csv are recognised by their content."""

import csv
import io
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from atm_gcn.data.annotations._spreadsheet import workbook
from atm_gcn.data.annotations._spreadsheet.workbook import text_of
from atm_gcn.errors import ATMGCNError, require
from atm_gcn.files.limits import check_cells, read_table_file

_MEMORY, _SECONDS, _MOST_CELLS = 2 << 30, 60, 2_000_000  # bounds on reading an Excel file
_SHOWN = 200  # characters of its reader's message
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
    """Read every sheet that is not empty, with its merged cells.

    Numbers become text without a zero fraction (``46.0`` reads ``"46"``), blank cells as empty strings.

    Raises:
        ATMGCNError: If the file is missing, unreadable, empty or no spreadsheet.
    """
    try:
        content = read_table_file(path)
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
    require("python_calamine", "excel", f"{path.name}: reading Excel files")
    command = [sys.executable, "-P", workbook.__file__, str(_MEMORY), str(_MOST_CELLS)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise ATMGCNError(f"{path}: takes more than {_SECONDS} seconds to read; save its table alone as csv") from error
    if done.returncode:
        last_line = "".join(done.stderr.decode(errors="replace").strip().splitlines()[-1:])
        reason = last_line[:_SHOWN] if done.returncode == 1 else "it takes too much memory"
        raise ATMGCNError(f"{path}: is a damaged or protected Excel file ({reason}); save it again as xlsx")
    sheets = [_sheet(path, **sheet) for sheet in json.loads(done.stdout)]
    for sheet in sheets:
        for number, row in enumerate(sheet.rows, start=1):
            check_cells(path, number, row)
    return sheets


def _sheet(path: Path, name: str, rows: list[list[str]], merges: list[list[int]]) -> Sheet:
    covered: dict[tuple[int, int], Merge] = {}
    width = max(map(len, rows), default=0)
    free = len(rows) * width
    for merge in (Merge(*corners) for corners in merges):
        height = min(merge.bottom + 1, len(rows)) - merge.top
        free -= max(0, height) * max(0, min(merge.right + 1, width) - merge.left)
        if free < 0:
            raise ATMGCNError(f"{path}: is a damaged Excel file (merged cells overlap); save it again as xlsx")
        for row in range(merge.top, min(merge.bottom + 1, len(rows))):
            covered |= {(row, column): merge for column in range(merge.left, min(merge.right + 1, len(rows[row])))}
        covered.pop((merge.top, merge.left), None)
    return Sheet(name, rows, covered)


def _csv_rows(path: Path, content: bytes) -> list[list[str]]:
    text = _decoded(content)
    if "\x00" in text:
        raise ATMGCNError(f"{path}: is not a table; give the annotations as xlsx, xls or csv")
    sample = text[:4096]
    delimiter = max(",;\t", key=sample.count)
    rows = []
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
            check_cells(path, number, row)
            rows.append([text_of(cell) for cell in row])
    except csv.Error as error:
        raise ATMGCNError(f"{path}: is not a table ({error}); give the annotations as xlsx, xls or csv") from error
    return rows


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    for encoding in _TEXT_ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""

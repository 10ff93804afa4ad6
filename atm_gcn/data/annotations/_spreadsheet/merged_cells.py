"""Rows of a table whose empty cells are part of a merged cell, which fills them."""

from atm_gcn.data.annotations._rows.note import Note
from atm_gcn.data.annotations._spreadsheet.columns import Header
from atm_gcn.data.annotations._spreadsheet.sheet import Sheet

_FRAMES = ("onset", "apex", "offset")


def cells_of(sheet: Sheet, header: Header, index: int) -> tuple[dict[str, str], list[Note]]:
    """The fields of one row, and a note for each that comes from a merged cell.

    A cell merged over rows fills all of them; one merged over columns fills them only if all hold frame numbers. A
    merged cell that begins in the header or above fills no row below.

    Args:
        sheet: The sheet.
        header: Where its columns are.
        index: Index of the row in the sheet's rows.
    """
    cells, notes = header.cells(sheet.rows[index]), []
    for field, column in header.columns.items():
        merge = sheet.merges.get((index, column))
        if merge is None or cells[field] or merge.top <= header.row:
            continue
        first = next((name for name, place in header.columns.items() if place == merge.left), "")
        value = sheet.value(merge)
        if value and (first == field or (field in _FRAMES and first in _FRAMES)):
            cells[field] = value
            kind = f"{field} is part of a cell merged over {merge}: read {value!r}"
            notes.append(Note("merged-cell", kind, "repaired"))
    return cells, notes

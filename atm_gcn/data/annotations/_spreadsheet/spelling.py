"""Cells of a table in their normal form."""

from collections.abc import Collection

from atm_gcn.data.annotations._rows.note import Note
from atm_gcn.data.identity import normal, quote_exactly


def normal_cells(
    cells: dict[str, str], as_written: Collection[str], noted: set[str]
) -> tuple[dict[str, str], list[Note]]:
    """The cells of a row in their normal form, and a note for every id or label that was written in another.

    Args:
        cells: Text of the row's cells, by field.
        as_written: Fields that are left alone.
        noted: Spellings that were noted at an earlier row; those of this row are added.
    """
    notes = []
    for field in ("dataset", "subject", "name", "label", "emotion"):
        written = cells.get(field, "")
        if normal(written) != written and f"{field} {written}" not in noted:
            noted.add(f"{field} {written}")
            kind = f"{field} is written {quote_exactly(written)}: read as {normal(written)!r}"
            notes.append(Note("spelling", kind, "repaired"))
    return {field: cell if field in as_written else normal(cell) for field, cell in cells.items()}, notes

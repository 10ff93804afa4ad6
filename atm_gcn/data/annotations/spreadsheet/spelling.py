"""Cells of a table in their normal form, and what they were written like."""

from collections.abc import Collection

from atm_gcn.data.annotations.rows.frame_order import Note
from atm_gcn.data.identity import exact, normal


def normal_cells(
    cells: dict[str, str], as_written: Collection[str], told: set[str]
) -> tuple[dict[str, str], list[Note]]:
    """The cells of a row in their normal form, and a note for every id or label that was written in another.

    Args:
        cells: Text of the row's cells, by field.
        as_written: Fields that are left alone.
        told: Spellings that were noted at an earlier row; those of this row are added.
    """
    notes = []
    for field in ("dataset", "subject", "name", "label", "emotion"):
        written = cells.get(field, "")
        if normal(written) != written and f"{field} {written}" not in told:
            told.add(f"{field} {written}")
            notes.append(Note(f"{field} is written {exact(written)}: read as {normal(written)!r}", "repaired"))
    return {field: cell if field in as_written else normal(cell) for field, cell in cells.items()}, notes

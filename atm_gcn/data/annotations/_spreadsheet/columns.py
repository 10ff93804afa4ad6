"""The header of an annotation table, in any row and with any known spelling of its columns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from atm_gcn.data.annotations._spreadsheet.sheet import Sheet
from atm_gcn.data.identity import normal
from atm_gcn.errors import ATMGCNError

ALIASES: dict[str, tuple[str, ...]] = {
    "subject": ("subject", "subjectid", "subid", "sub", "subj", "participant", "participantid"),
    "name": ("filename", "file", "clip", "clipname", "sequence", "seq", "video", "videoname", "foldname"),
    "onset": ("onsetframe", "onsetf", "onset"),
    "apex": ("apexframe", "apexf", "apex", "apexframe1", "apexf1", "apex1"),
    "offset": ("offsetframe", "offsetf", "offset"),
    "action_units": ("actionunits", "actionunit", "aus", "au"),
    "emotion": ("estimatedemotion", "emotion", "emotions", "emotionlabel", "label"),
    "kind": ("type", "expressiontype", "exptype"),
}
"""Spellings of each column, letters and digits only, lower case; the first one that a header has is taken."""

_SPELLED = {"name": "filename", "kind": "expression type"}
_SEARCHED_ROWS = 60  # SAMM's header is in row 14, below a page of notes


@dataclass(frozen=True)
class Header:
    """Where a table's columns are.

    Args:
        row: Index of the header in the sheet's rows.
        columns: Index of each field's column.
    """

    row: int
    columns: dict[str, int]

    def cells(self, row: Sequence[str]) -> dict[str, str]:
        """The fields of a row, empty where the row is too short; a field without a column is not among them."""
        return {field: row[column] if column < len(row) else "" for field, column in self.columns.items()}


def find_header(
    sheets: Sequence[Sheet], required: Sequence[str], path: Path, further: Sequence[str] = ()
) -> tuple[Sheet, Header]:
    """The first row of any sheet that names all required columns, some of them perhaps in cells merged over rows.

    Args:
        sheets: The sheets, in the order in which they are searched.
        required: Fields of :data:`ALIASES`.
        path: The file, for errors.
        further: Headings of further columns, each a field by its own name.

    Raises:
        ATMGCNError: If there is none, naming the columns that the closest row lacks.
    """
    closest: dict[str, int] = {}
    for sheet in sheets:
        for index in range(min(_SEARCHED_ROWS, len(sheet.rows))):
            columns = _columns(sheet.filled(index), further)
            if all(field in columns for field in required):
                return sheet, Header(index, columns)
            if len(columns) > len(closest):
                closest = columns
    if len(closest) < 2:
        raise ATMGCNError(f"{path}: has no header row with {_spelled(required)}; is it the annotation table?")
    missing = [field for field in required if field not in closest]
    raise ATMGCNError(f"{path}: lacks a column for {_spelled(missing)}; name the columns as published")


def _columns(row: Sequence[str], further: Sequence[str]) -> dict[str, int]:
    names = [re.sub(r"[^a-z0-9]", "", normal(cell).casefold()) for cell in row]
    columns = {}
    for field, aliases in ALIASES.items():
        spelling = next((alias for alias in aliases if alias in names), None)
        if spelling is not None:
            columns[field] = names.index(spelling)
    return columns | {name: names.index(name) for name in further if name in names}


def _spelled(fields: Sequence[str]) -> str:
    return ", ".join(_SPELLED.get(field, field.replace("_", " ")) for field in fields)

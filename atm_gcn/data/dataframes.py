"""Clips and problems as a DataFrame of pandas, and back; needs the extra ``pandas``."""

import math
from collections.abc import Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from atm_gcn.data.clip import Clip
from atm_gcn.data.manifest import COLUMNS, OPTIONAL_COLUMNS, clip_from_cells
from atm_gcn.data.problem import Problem
from atm_gcn.errors import ATMGCNError, require

if TYPE_CHECKING:
    import pandas

NEEDED = ("dataset", "subject", "name", "onset", "offset", "fps")
TYPES = {"onset": "int64", "apex": "Int64", "offset": "int64", "fps": "float64", "row": "int64"}
"""Types of the columns that hold numbers; ``Int64`` has a missing value. All others are text."""


def to_dataframe(records: Iterable[Clip | Problem]) -> "pandas.DataFrame":
    """Clips, such as those of a manifest or of annotations, or problems, one per row.

    Args:
        records: All of one kind.

    Returns:
        A column per field, in their order. Ids are text, so that ``01`` stays ``01``; an apex that is not annotated is
        missing (``pandas.NA``).

    Raises:
        ATMGCNError: If pandas is not installed.

    Example:
        >>> clips, problems = read_annotations("casme2", path)
        >>> to_dataframe(clips).groupby("subject")["emotion"].value_counts()
    """
    pandas = require("pandas", "pandas", "a DataFrame")
    records = list(records)
    kind = type(records[0]) if records else Clip
    columns = {
        field.name: pandas.Series([getattr(one, field.name) for one in records], dtype=TYPES.get(field.name, "str"))
        for field in fields(kind)
    }
    return pandas.DataFrame(columns)


def from_dataframe(table: "pandas.DataFrame") -> list[Clip]:
    """The clips in a table with the columns of a manifest, checked as those of a manifest are.

    Read a CSV file with ``pandas.read_csv(path, dtype=str, keep_default_na=False)``, which keeps ids such as ``01``.

    Args:
        table: ``dataset``, ``subject``, ``name``, ``onset``, ``offset`` and ``fps`` are needed; ``apex``, ``label``,
            ``source``, ``emotion``, ``action_units``, ``view`` and ``kind`` may be missing or empty. Other columns are
            ignored.

    Raises:
        ATMGCNError: If a column is missing, or a row is no clip or describes one that an earlier row has.
    """
    missing = [column for column in NEEDED if column not in table.columns]
    if missing:
        raise ATMGCNError(f"the table lacks the column {missing[0]}; needed are {', '.join(NEEDED)}")
    names = [column for column in (*COLUMNS, *OPTIONAL_COLUMNS, "view", "kind") if column in table.columns]
    clips: dict[str, Clip] = {}
    for label, row in zip(table.index, table[names].itertuples(index=False), strict=True):
        cells = dict.fromkeys(COLUMNS, "") | {name: _cell(value) for name, value in zip(names, row, strict=True)}
        clip = clip_from_cells(cells, f"row {label} of the table", ("apex", "label", "source"))
        if clip.key in clips:
            raise ATMGCNError(f"row {label} of the table: clip {clip.key} is in an earlier row; give it another name")
        clips[clip.key] = clip
    return list(clips.values())


def _cell(value: Any) -> str:
    """A value as a manifest has it; missing ones are empty, and whole numbers have no point."""
    if value is None or type(value).__name__ == "NAType" or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

"""Tables of features, ``.csv`` and ``.parquet``: their header, and which columns are features."""

import csv
import io
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path

import numpy as np

from atm_gcn.errors import ATMGCNError, did_you_mean, require
from atm_gcn.files.limits import CLIP_BYTES, read_limited

FRAME, SECONDS, TIMESTAMP, POS = "frame", "seconds", "timestamp", "pos"
NOT_FEATURES = (FRAME, SECONDS, TIMESTAMP, POS)
Content = tuple[np.ndarray, dict[str, np.ndarray], list[str]]
"""Features ``[num_frames, C]``, the columns that are none, and the names of the features; empty without names."""

_WHOLE = re.compile(r"\d+")
_INDEXES = ("index", "level_0", "__index_level_0__", "unnamed: 0")  # names that pandas gives to an index
_SURE = 3  # columns from which 0, 1, 2 over fractions cannot be a row by chance


def read_csv(path: Path, chosen: Sequence[str] | None = None) -> Content:
    """Read a CSV file, whose cells are separated by commas, semicolons or tabs.

    Args:
        path: The file.
        chosen: Names of features, or patterns such as ``"AU*_r"``; None for all.
    """
    content = read_limited(path, CLIP_BYTES.value) or b""
    text = content.decode("utf-8-sig")
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(cell.strip() for cell in row)]
    if not lines:
        raise ATMGCNError(f"{path}: is empty")
    header = lines[0][1]
    has_header = _is_header(path, [row for _, row in lines])
    body = lines[1:] if has_header else lines
    values = np.empty((len(body), len(header)))
    read = _read_columns(header, chosen) if has_header else range(len(header))
    for place, (line, row) in enumerate(body):
        if len(row) != len(header):
            raise ATMGCNError(f"{path}, line {line}: has {len(row)} cells, and the first line has {len(header)}")
        cells = [_value(cell) if column in read else np.nan for column, cell in enumerate(row)]
        if None in cells:
            column = cells.index(None)
            name = repr(header[column]) if has_header else str(column + 1)
            found = repr(row[column][:60]) if row[column] else "empty"
            raise ATMGCNError(f"{path}, line {line}: column {name} is {found}; it must be a number")
        values[place] = cells
    return _by_column(path, header if has_header else [], values, chosen)


def read_parquet(path: Path, chosen: Sequence[str] | None = None) -> Content:
    """Read a Parquet file; arguments as of :func:`read_csv`."""
    pandas = require("pandas", "pandas", "reading .parquet")
    require("pyarrow", "pandas", "reading .parquet")
    table = pandas.read_parquet(path, engine="pyarrow")
    if table.index.name in NOT_FEATURES:
        table = table.reset_index()
    header = [str(name) for name in table.columns]
    read = _read_columns(header, chosen)
    text = [column for column in range(len(header)) if table.dtypes.iloc[column].kind not in "fiub"]
    for column in text:
        if column in read:
            raise ATMGCNError(f"{path}: column {header[column]!r} holds no numbers; leave it out")
        table[table.columns[column]] = np.nan
    return _by_column(path, header, table.to_numpy(dtype=np.float64), chosen)


def _is_header(path: Path, lines: list[list[str]]) -> bool:
    """Whether the first line names the columns.

    Raises:
        ATMGCNError: If it is 0, 1, 2, ..., which pandas writes over columns without a name, and could be a row.
    """
    first, others = lines[0], lines[1:]
    if any(_value(cell) is None for cell in first):
        return True
    if not all(map(_WHOLE.fullmatch, first)):
        return False
    numbers = [int(cell) for cell in first]
    if not all(one < other for one, other in pairwise(numbers)):
        return False
    over_fractions = bool(others) and not any(_WHOLE.fullmatch(cell.lstrip("+-")) for row in others for cell in row)
    if over_fractions and len(first) >= _SURE:
        return True
    if over_fractions or (numbers[0] in (0, 1) and numbers[-1] - numbers[0] == len(numbers) - 1):
        shown = ", ".join(first[:3]) + (", ..." if len(first) > 3 else "")
        raise ATMGCNError(
            f"{path}: its first line, {shown}, may be a header or a row; name the columns, as with "
            "table.add_prefix('f').to_csv(path, index=False), or save the array as .npy"
        )
    return False


def _read_columns(header: list[str], chosen: Sequence[str] | None) -> set[int]:
    """The columns that must hold numbers: those that may be chosen, times and frame numbers."""
    if chosen is None:
        return set(range(len(header)))
    return {
        column
        for column, name in enumerate(header)
        if name.casefold() in NOT_FEATURES or any(name == one or fnmatchcase(name, one) for one in chosen)
    }


def _by_column(path: Path, header: list[str], values: np.ndarray, chosen: Sequence[str] | None) -> Content:
    """Separate the columns that are not features."""
    names = [name.casefold() for name in header]
    special = {name: values[:, names.index(name)] for name in NOT_FEATURES if name in names}
    twice = [name for name in special if names.count(name) > 1]
    twice += [name for place, name in enumerate(header) if name and name in header[:place]]
    if twice:
        raise ATMGCNError(f"{path}: has the column {twice[0]} twice; keep one of the two, or give it another name")
    kept = [column for column in range(values.shape[1]) if not names or names[column] not in special]
    if chosen is not None:
        kept = _chosen(path, header, kept, chosen)
    for column in kept if header else []:
        _check_name(path, header[column], column, values[:, column])
    return values[:, kept], special, [header[column] for column in kept] if header else []


def _chosen(path: Path, header: list[str], features: list[int], chosen: Sequence[str]) -> list[int]:
    """The columns that are named, in the order of the names, those of one pattern in the order of the file."""
    if not header:
        raise ATMGCNError(f"{path}: has no line of column names, from which columns could be chosen; write one")
    found: list[int] = []
    for pattern in chosen:
        own = [column for column in features if header[column] == pattern or fnmatchcase(header[column], pattern)]
        if not own:
            names = [header[column] for column in features]
            raise ATMGCNError(f"{path}: has no column {pattern!r} of features{did_you_mean(pattern, names)}")
        found += own
    return list(dict.fromkeys(found))


def _check_name(path: Path, name: str, column: int, values: np.ndarray) -> None:
    """Raise an :class:`ATMGCNError` if a column has no name, or counts rows as the index of pandas does."""
    if name and name.casefold() not in _INDEXES:
        return
    if not column and len(values) and (np.diff(values) == 1).all() and values[0] == np.floor(values[0]):
        what = f"its first column, {name!r}," if name else "its first column has no name and"
        raise ATMGCNError(
            f"{path}: {what} counts the rows, as the index of a pandas table does; leave it out, as with "
            f"to_{path.suffix[1:].lower()}(path, index=False), or name it frame if onset and offset are its numbers"
        )
    if not name:
        raise ATMGCNError(f"{path}: column {column + 1} of its header has no name; name it, or leave it out")


def _value(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None

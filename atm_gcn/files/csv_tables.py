"""CSV files whose text no spreadsheet reads as a formula."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_QUOTED = re.compile("''*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def cell_of(value: Any, form: str = "") -> str:
    """A value as a cell that no spreadsheet reads as a formula.

    Text that begins like a formula gets an apostrophe in front, which :func:`text_of` removes; floats are written in
    the format ``form``; None is an empty cell.
    """
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    if isinstance(value, float):
        return format(value, form)
    return "" if value is None else str(value)


def text_of(cell: str) -> str:
    """The text of a cell that :func:`cell_of` wrote."""
    return cell[1:] if _QUOTED.match(cell) else cell


def csv_text(columns: Sequence[str], rows: Iterable[Iterable[Any]], form: str = "") -> str:
    """A CSV file with a header, its cells written by :func:`cell_of`; lines end in a line feed."""
    lines = (",".join(_quoted(cell_of(value, form)) for value in row) for row in (columns, *rows))
    return "".join(f"{line}\n" for line in lines)


def _quoted(cell: str) -> str:  # the csv module writes a bare carriage return, which it cannot read
    return '"{}"'.format(cell.replace('"', '""')) if re.search('[,"\r\n]', cell) else cell

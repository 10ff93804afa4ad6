"""Names of other people's files and tables, written so that no terminal, page or spreadsheet obeys them."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

_OBEYED = (  # controls, direction marks, what nobody sees, and lone surrogates
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
)
_IN_LINE = re.compile(f"[\t\n{_OBEYED}]")
_IN_TEXT = re.compile(f"[{_OBEYED}]")
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_QUOTED = re.compile("''*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def shown(text: str) -> str:
    r"""Text for a line: control characters, direction marks and lone surrogates as ``\x1b``, ``\n`` or ``\u202e``."""
    return _IN_LINE.sub(_escape, text)


def shown_lines(text: str) -> str:
    """As :func:`shown`, for text of several lines, whose line ends and tabs are kept."""
    return _IN_TEXT.sub(_escape, text)


def shown_json(text: str) -> str:
    r"""JSON of the same content, in which the characters that :func:`shown` escapes are ``\u001b`` and the like."""
    return _IN_TEXT.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def cell_of(value: Any, form: str = "") -> str:
    """A value as a cell that no spreadsheet takes for a formula.

    Text that begins as a formula does gets an apostrophe in front, which :func:`text_of` takes away; numbers stay
    numbers, floats in the format ``form``; None is an empty cell.
    """
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    if isinstance(value, float):
        return format(value, form)
    return "" if value is None else str(value)


def text_of(cell: str) -> str:
    """The text that :func:`cell_of` was given."""
    return cell[1:] if _QUOTED.match(cell) else cell


def csv_text(columns: Sequence[str], rows: Iterable[Iterable[Any]], form: str = "") -> str:
    """A CSV file with a header, its cells as of :func:`cell_of`; lines end in a line feed."""
    lines = (",".join(_quoted(cell_of(value, form)) for value in row) for row in (columns, *rows))
    return "".join(f"{line}\n" for line in lines)


def _quoted(cell: str) -> str:  # the csv module leaves a carriage return bare, and cannot read it then
    return '"{}"'.format(cell.replace('"', '""')) if re.search('[,"\r\n]', cell) else cell


def _escape(sign: re.Match) -> str:
    return sign[0].encode("unicode_escape").decode()

"""Text from files and file names, escaped so that no terminal or page obeys it."""

import re

_OBEYED = (  # control characters, direction marks, invisible characters and lone surrogates
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
)
_IN_LINE = re.compile(f"[\t\n{_OBEYED}]")
_IN_TEXT = re.compile(f"[{_OBEYED}]")


def escape(text: str) -> str:
    r"""Escape text for one line: control characters, direction marks and lone surrogates become ``\x1b``, ``\n`` or
    ``\u202e``."""
    return _IN_LINE.sub(_escape_sign, text)


def escape_to(length: int, text: str) -> str:
    """As :func:`escape`, cut to ``length`` characters, of which the last is then an ellipsis."""
    line = escape(text)
    return line if len(line) <= length else line[: length - 1] + "…"


def escape_lines(text: str) -> str:
    """As :func:`escape`, but keep line ends and tabs."""
    return _IN_TEXT.sub(_escape_sign, text)


def escape_json(text: str) -> str:
    r"""As :func:`escape_lines`, for JSON, whose content stays the same: ``\u001b``."""
    return _IN_TEXT.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def _escape_sign(sign: re.Match[str]) -> str:
    return sign[0].encode("unicode_escape").decode()

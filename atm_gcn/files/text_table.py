"""Tables as text with aligned columns."""

from collections.abc import Sequence

from atm_gcn.files.escaping import escape


def aligned(rows: Sequence[Sequence[str]], separator: str = "  ") -> list[str]:
    """Lines of a table: cells are escaped, and padded to the width of their column."""
    cells = [[escape(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [separator.join(map(str.ljust, row, widths)) for row in cells]

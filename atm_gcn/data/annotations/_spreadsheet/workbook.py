"""A program that reads an Excel file from its standard input and writes its cells as JSON; see :mod:`.sheet`.

It runs in its own process because the reader trusts the file: a few kilobytes can make it allocate all memory, loop for
minutes, or crash. Only the standard library and the reader are imported.

Arguments: bytes of memory that it may use, and the largest number of cells.
"""

import datetime
import io
import json
import sys
from typing import Any


def main(memory: int, most_cells: int) -> int:
    """Print a list of sheets, each with ``name``, ``rows`` of text and ``merges`` (top, left, bottom, right).

    Returns:
        The exit code: 0, or 1 with the reason on standard error.
    """
    try:
        import resource
    except ImportError:  # Windows
        pass
    else:
        limits = [limit for limit in resource.getrlimit(resource.RLIMIT_AS) if limit != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_AS, (min([memory, *limits]),) * 2)
    from python_calamine import CalamineWorkbook

    content, sheets, cells = sys.stdin.buffer.read(), [], 0
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            cells += sheet.total_height * sheet.total_width
            if cells > most_cells:
                raise ValueError(f"its sheets have more than {most_cells:,} cells")
            rows = [[text_of(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
            merges = [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
            sheets.append({"name": name, "rows": rows, "merges": merges})
        json.dump(sheets, sys.stdout)
    except BaseException as error:  # the reader panics on some damaged files, which is no Exception
        print(" ".join(str(error).split()) or "it takes too much memory", file=sys.stderr)
        return 1
    return 0


def text_of(cell: Any) -> str:
    """A cell as text: numbers without a zero fraction, dates in ISO form, white space as single spaces."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return " ".join(str(cell).split())


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))

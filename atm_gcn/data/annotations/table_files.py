"""The annotation table in a folder, by the names under which it is published."""

import fnmatch
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from atm_gcn.errors import ATMGCNError

_DEPTH = 3  # folders below the root that may hold the table, as in part_A/annotation


def tables_in(root: Path, patterns: Sequence[str]) -> list[Path]:
    """Every file in ``root``, or a few folders below it, whose name in lower case matches one of the shell patterns."""
    return [path for path in _files(root) if any(fnmatch.fnmatchcase(path.name.lower(), p) for p in patterns)]


def find_table(root: Path, patterns: Sequence[str], title: str, published: str) -> Path:
    """The one file under ``root`` with a name under which the table is published.

    Args:
        root: A folder; a file is taken as it is.
        patterns: Shell patterns of lower-case names.
        title: The dataset, for the error.
        published: A name of the table, for the error.

    Raises:
        ATMGCNError: If there is no such file, or more than one.
    """
    if root.is_file():
        return root
    if not root.is_dir():
        raise ATMGCNError(f"{root}: there is no such file or folder; give the folder that holds {title}")
    found = tables_in(root, patterns)
    if not found:
        raise ATMGCNError(
            f"{root}: holds no annotation table of {title}; put it there under its published name, {published}"
        )
    if len(found) > 1:
        names = " and ".join(str(path.relative_to(root)) for path in found[:2])
        raise ATMGCNError(f"{root}: holds more than one annotation table of {title}, {names}; keep one")
    return found[0]


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        depth = len(Path(folder).relative_to(root).parts)
        folders[:] = sorted(name for name in folders if depth < _DEPTH and not name.startswith("."))
        # Excel leaves ~$name.xlsx beside an open file.
        yield from (Path(folder, name) for name in sorted(files) if not name.startswith((".", "~")))

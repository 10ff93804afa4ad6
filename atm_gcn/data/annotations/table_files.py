"""The annotation table in a folder, by the names under which it is published."""

import fnmatch
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from atm_gcn.data.annotations._specs.dataset_spec import DatasetSpec
from atm_gcn.defaults import KINDS
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


def group_of_tables(root: Path, spec: DatasetSpec, kinds: Sequence[str]) -> list[Path]:
    """The tables that hold the expressions of some kinds: one, or one per kind.

    Args:
        root: A folder; a file is taken as it is.
        spec: The dataset.
        kinds: Some of :data:`~atm_gcn.defaults.KINDS`.

    Raises:
        ATMGCNError: If there is no such table, or more than one.
    """
    if not root.is_dir() or not (spec.whole_tables or spec.macro_tables):
        return [find_table(root, spec.tables, spec.title, spec.published_table)]
    whole, micro, macro = (tables_in(root, names) for names in (spec.whole_tables, spec.tables, spec.macro_tables))
    if kinds == KINDS[:1]:
        names = [spec.tables if micro or not whole else spec.whole_tables]
    elif whole or not macro:
        names = [spec.whole_tables]
    else:
        names = [spec.tables, spec.macro_tables] if KINDS[0] in kinds else [spec.macro_tables]
    published = spec.published_table if kinds == KINDS[:1] else f"that of both kinds, such as {spec.whole_tables[0]}"
    return [find_table(root, group, spec.title, published) for group in names]


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        depth = len(Path(folder).relative_to(root).parts)
        folders[:] = sorted(name for name in folders if depth < _DEPTH and not name.startswith("."))
        # Excel leaves ~$name.xlsx beside an open file.
        yield from (Path(folder, name) for name in sorted(files) if not name.startswith((".", "~")))

"""The manifest: a CSV file with one row per clip, for data of your own.

========== ========================================================================================
column     meaning
========== ========================================================================================
dataset    name of the dataset; subjects of two datasets are different people
subject    the person's id
name       the clip's name, unique within dataset and subject
onset      number of the first frame, the neutral face
apex       number of the frame of the strongest movement; empty if it is not annotated
offset     number of the last frame
fps        frames per second of the source
label      the class
source     folder of frames or video file, absolute or relative to the manifest's folder
========== ========================================================================================

``emotion``, ``action_units``, ``view`` and ``kind`` are optional, and other columns are ignored. ``view`` is ``flow``
in every row if the sources are pictures of optical flow, else ``frames`` or empty. ``kind`` is ``macro`` for
macro-expressions, else ``micro`` or empty. The frames of a folder are numbered by the
last integer in each file name (``img46.jpg`` is frame 46), those of a video from 0. Every cell but ``source`` is read
in its :func:`~atm_gcn.data.identity.normal` form.
"""

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from atm_gcn.data.clip import Clip
from atm_gcn.data.identity import normal
from atm_gcn.defaults import KINDS
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import write_text
from atm_gcn.files.csv_tables import csv_text, text_of
from atm_gcn.files.limits import check_cells, read_table_file
from atm_gcn.files.refusals import refuse_special
from atm_gcn.media.timing import LAST_FRAME

COLUMNS = ("dataset", "subject", "name", "onset", "apex", "offset", "fps", "label", "source")
OPTIONAL_COLUMNS = ("emotion", "action_units")
VIEWS = ("frames", "flow")
FILE_NAME = "manifest.csv"
LONGEST_CLIP = 10_000_000  # frames
LOWEST_FPS, HIGHEST_FPS = 0.01, 1_000_000

_DIGITS = re.compile(r"([0-9]{1,100})(?:\.0*)?")


def load_manifest(path: str | Path) -> list[Clip]:
    """Read a manifest, or the ``manifest.csv`` of a folder; every source comes back as an absolute path.

    Raises:
        ATMGCNError: If the file or one of its rows is invalid. Whether the frames exist is not checked.
    """
    path = manifest_of(Path(path))
    clips: dict[str, Clip] = {}
    rows: dict[str, int] = {}
    for row, cells in read_table(path, COLUMNS):
        clip = clip_from_cells(cells, where=f"{path}, row {row}")
        if clip.key in clips:
            earlier = f"is in row {rows[clip.key]} already; give it another name"
            raise ATMGCNError(f"{path}, row {row}: clip {clip.key} {earlier}")
        clips[clip.key] = replace(clip, source=str(path.parent.absolute() / clip.source))
        rows[clip.key] = row
        first = next(iter(clips.values()))
        if clip.shows != first.shows:
            raise ATMGCNError(
                f"{path}, row {row}: view is {clip.shows}, and {first.shows} in the first row; all clips of a manifest "
                "must have the same view"
            )
    if not clips:
        raise ATMGCNError(f"{path}: holds no clips, only a header; write one row per clip")
    return list(clips.values())


def manifest_of(path: Path) -> Path:
    """The manifest that ``path`` names: itself, or the ``manifest.csv`` of that folder, which must be a file."""
    if not path.is_dir():
        return path
    refuse_special(path / FILE_NAME)
    return path / FILE_NAME


def write_manifest(clips: Iterable[Clip], path: str | Path) -> None:
    """Write clips as a manifest, whole or not at all.

    An absolute source below the manifest's folder is written relative to it, so that the folder can be moved.
    """
    path = Path(path)
    folder = path.parent.absolute()
    clips = list(clips)
    write_table(path, manifest_columns(clips), (cells_from_clip(clip, folder) for clip in clips))


def manifest_columns(clips: Iterable[Clip]) -> tuple[str, ...]:
    """The columns of a manifest of these clips; ``view`` and ``kind`` only where they are needed."""
    clips = list(clips)
    view = ("view",) if any(clip.shows != VIEWS[0] for clip in clips) else ()
    kind = ("kind",) if any(clip.kind != KINDS[0] for clip in clips) else ()
    return COLUMNS + OPTIONAL_COLUMNS + view + kind


def clip_from_cells(cells: dict[str, str], where: str, may_be_empty: Sequence[str] = ("apex",)) -> Clip:
    """Turn one row into a clip, its source as written.

    Args:
        cells: By column.
        where: What messages call the row.
        may_be_empty: Columns that need no content.

    Raises:
        ATMGCNError: Starting with ``where``, if a cell is empty or no number, or the three frames are out of order.
    """
    cells = {column: cell if column == "source" else normal(cell) for column, cell in cells.items()}
    for column in COLUMNS:
        if not cells[column] and column not in may_be_empty:
            raise ATMGCNError(f"{where}: {column} is empty")
    if any(character < " " for character in cells["source"]):
        raise ATMGCNError(f"{where}: source {cells['source'][:60]!r} holds a control character; rename the file")
    if "/" in cells["dataset"]:  # it ends at the first slash of a clip's key
        raise ATMGCNError(f"{where}: dataset is {cells['dataset']!r}; name it without a slash")
    onset, offset = (_frame_number(cells, column, where) for column in ("onset", "offset"))
    apex = _frame_number(cells, "apex", where) if cells["apex"] else None
    check_order(onset, apex, offset, where)
    texts = ("dataset", "subject", "name", "label", "source")
    return Clip(
        onset=onset,
        apex=apex,
        offset=offset,
        fps=_fps(cells["fps"], where),
        view=_one_of(VIEWS, cells, "view", where),
        kind=_one_of(KINDS, cells, "kind", where) or KINDS[0],
        **{column: cells[column] for column in texts},
        **{column: cells.get(column, "") for column in OPTIONAL_COLUMNS},
    )


def check_order(onset: int, apex: int | None, offset: int, where: str) -> None:
    """Raise an :class:`ATMGCNError` that starts with ``where`` unless onset <= apex <= offset, and not too far."""
    if onset > offset:
        raise ATMGCNError(f"{where}: onset {onset} lies after offset {offset}")
    if offset - onset >= LONGEST_CLIP:
        raise ATMGCNError(f"{where}: onset {onset} to offset {offset} are more than {LONGEST_CLIP:,} frames")
    if apex is not None and apex < onset:
        raise ATMGCNError(f"{where}: onset {onset} lies after apex {apex}; leave apex empty if it is unknown")
    if apex is not None and apex > offset:
        raise ATMGCNError(f"{where}: apex {apex} lies after offset {offset}; leave apex empty if it is unknown")


def cells_from_clip(clip: Clip, folder: Path) -> dict[str, str]:
    """The cells of a clip's row in a table in ``folder``."""
    source = Path(clip.source)
    if source.is_absolute() and source.is_relative_to(folder):
        source = source.relative_to(folder)
    cells = {column: str(getattr(clip, column)) for column in (*COLUMNS, *OPTIONAL_COLUMNS, "view", "kind")}
    return cells | {
        "apex": "" if clip.apex is None else str(clip.apex),
        "fps": f"{clip.fps:.10g}",
        "source": source.as_posix(),
    }


def read_table(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (row, cells by column) of a CSV file that must have ``columns``, rows counted as a spreadsheet does.

    A byte order mark, any line ending, blank rows, and a semicolon or tab instead of the comma are all accepted. Cells
    that begin like a formula may have an apostrophe in front, as :func:`write_table` writes them.

    Raises:
        ATMGCNError: If the file cannot be read, lacks a column, or has a row of another length than its header.
    """
    text = _text(path)
    header_line = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=header_line.count))
    try:
        first = next(reader, [])
        check_cells(path, 1, first)
        header = [normal(cell) for cell in first]
        _check_header(header, columns, path)
        for row, values in enumerate(reader, start=2):
            check_cells(path, row, values)
            if not any(value.strip() for value in values):
                continue
            if len(values) != len(header):
                raise ATMGCNError(f"{path}, row {row}: has {len(values)} cells where the header has {len(header)}")
            yield row, dict(zip(header, (text_of(value.strip()) for value in values), strict=True))
    except csv.Error as error:
        raise ATMGCNError(f"{path}: is not a CSV file ({error})") from error


def write_table(path: Path, columns: Sequence[str], rows: Iterable[dict[str, str]]) -> None:
    """Write a CSV file, whole or not at all."""
    write_text(path, csv_text(columns, ([row[column] for column in columns] for row in rows)))


def _text(path: Path) -> str:
    try:
        text = read_table_file(path).decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ATMGCNError(f"{path}: there is no such manifest; it is a CSV file with {','.join(COLUMNS)}") from error
    except OSError as error:
        raise ATMGCNError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ATMGCNError(f"{path}: is not UTF-8 text; save it as CSV UTF-8") from error
    if "\0" in text:
        raise ATMGCNError(f"{path}: is damaged, or UTF-16 (it holds null characters); save it as CSV UTF-8")
    return text


def _check_header(header: list[str], columns: Sequence[str], path: Path) -> None:
    missing = [column for column in columns if column not in header]
    if missing:
        plural = "s" if len(missing) > 1 else ""
        raise ATMGCNError(f"{path}: lacks the column{plural} {', '.join(missing)}; expected are {', '.join(columns)}")
    twice = [column for column in columns if header.count(column) > 1]
    if twice:
        raise ATMGCNError(f"{path}: has the column {twice[0]} twice; keep one")


def _frame_number(cells: dict[str, str], column: str, where: str) -> int:
    text = cells[column]
    digits = _DIGITS.fullmatch(text)  # spreadsheets write 46.0; a float would round more than 15 digits
    try:
        number: float = int(digits[1]) if digits else float(text)
    except ValueError:
        number = math.nan
    exact = digits or (abs(number) < 2**53 and number.is_integer())
    if not (exact and number >= 0):
        raise ATMGCNError(f"{where}: {column} is {text[:60]!r}, which is no frame number (0, 1, 2, ...)")
    if number > LAST_FRAME:
        raise ATMGCNError(f"{where}: {column} is {text[:60]}, above {LAST_FRAME:,}; number the frames from 0")
    return int(number)


def _one_of(words: Sequence[str], cells: dict[str, str], column: str, where: str) -> str:
    """The text of an optional column that holds one of two words or nothing."""
    text = cells.get(column, "")
    if text and text not in words:
        raise ATMGCNError(f"{where}: {column} is {text[:60]!r}, neither {words[0]} nor {words[1]}")
    return text


def _fps(text: str, where: str) -> float:
    try:
        fps = float(text)
    except ValueError:
        fps = math.nan
    if not LOWEST_FPS <= fps <= HIGHEST_FPS:
        raise ATMGCNError(
            f"{where}: fps is {text[:60]!r}, which is no number of frames per second ({LOWEST_FPS} to {HIGHEST_FPS:,})"
        )
    return fps

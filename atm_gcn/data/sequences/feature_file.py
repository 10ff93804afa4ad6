"""Files of precomputed features: ``.npy``, ``.npz``, ``.csv`` and ``.parquet``, one row per frame.

=============  ======================================================================================================
file           features
=============  ======================================================================================================
``.npy``       an array ``[num_frames, C]``; further dimensions are flattened
``.npz``       the array ``x`` or ``features``, or the only one that is not named below
``.csv``       all columns that are not named below, in order; the first line may name them; comma, semicolon or tab
``.parquet``   likewise; needs the extra ``pandas``
=============  ======================================================================================================

Arrays or columns with these names are not features: ``frame``, the number of each row's frame, without which rows
count from 0; and ``seconds`` or ``timestamp``, or ``pos``, the time of each row in seconds or in frames.
"""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from atm_gcn.data.sequences.feature_table import (
    FRAME,
    NOT_FEATURES,
    POS,
    SECONDS,
    TIMESTAMP,
    Content,
    read_csv,
    read_parquet,
)
from atm_gcn.errors import ATMGCNError, either
from atm_gcn.files.limits import CLIP_BYTES
from atm_gcn.files.refusals import refuse_special

SUFFIXES = (".npy", ".npz", ".csv", ".parquet")
ARRAYS = ("x", "features")


@dataclass(frozen=True)
class FeatureFile:
    """The rows of a file.

    Args:
        path: The file.
        rows: float64 ``[num_frames, C]``.
        numbers: The frame of each row, ascending, int64 ``[num_frames]``.
        seconds: When each is shown, ascending, or None.
        pos: The same in frames, or None.
        columns: Names of the features; empty if they have none.
    """

    path: Path
    rows: np.ndarray
    numbers: np.ndarray
    seconds: np.ndarray | None = None
    pos: np.ndarray | None = None
    columns: tuple[str, ...] = ()

    def column(self, index: int) -> str:
        """What messages call a feature."""
        return f"column {self.columns[index]!r}" if self.columns else f"feature {index}"

    def arranged_like(self, first: Self) -> Self:
        """The features in the order of another file's, by name.

        Raises:
            ATMGCNError: If the names differ, or only one of the two files has names.
        """
        if self.columns == first.columns:
            return self
        if not self.columns or not first.columns:
            named, other = (self, first) if self.columns else (first, self)
            raise ATMGCNError(
                f"{named.path}: names its columns, and {other.path} does not; write the files of a manifest in one form"
            )
        for one, other in ((first, self), (self, first)):
            missing = [name for name in one.columns if name not in other.columns]
            if missing:
                raise ATMGCNError(
                    f"{other.path}: has no column {missing[0]!r}, and {one.path} has; give all files the same columns"
                )
        order = [self.columns.index(name) for name in first.columns]
        return replace(self, rows=self.rows[:, order], columns=first.columns)


def has_features(source: str | Path) -> bool:
    """Whether a path is named as a file of features."""
    return Path(source).suffix.lower() in SUFFIXES


def read_features(path: str | Path, columns: tuple[str, ...] | None = None) -> FeatureFile:
    """Read a file of features.

    Args:
        path: The file.
        columns: Names of the features to read of a table, or patterns such as ``"AU*_r"``; None for all.

    Raises:
        ATMGCNError: If it is missing or damaged, it has no such column, its rows differ in length, a cell is no number,
            or times or frame numbers do not ascend. Values that are not finite are left to the caller.
    """
    path = Path(path)
    refuse_special(path)
    reader = {".npy": _read_npy, ".npz": _read_npz, ".csv": read_csv, ".parquet": read_parquet}
    if columns is not None and path.suffix.lower() in (".npy", ".npz"):
        raise ATMGCNError(f"{path}: is an array, whose columns have no names to choose from; choose before it is saved")
    if path.suffix.lower() not in reader:
        raise ATMGCNError(f"{path}: features are read from {either(SUFFIXES)} files")
    if not path.is_file():
        raise ATMGCNError(f"{path}: there is no such file of features")
    if path.stat().st_size > CLIP_BYTES.value:
        raise ATMGCNError(f"{path}: has more than {CLIP_BYTES.value:,} bytes; {CLIP_BYTES.remedy}")
    try:
        features, special, names = reader[path.suffix.lower()](path, columns)
    except MemoryError as error:
        raise ATMGCNError(f"{path}: does not fit into memory") from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, KeyError) as error:
        raise ATMGCNError(f"{path}: is damaged, or no {path.suffix} file ({error})") from error
    return _checked(path, features, special, names)


def _checked(path: Path, features: np.ndarray, special: Mapping[str, np.ndarray], columns: list[str]) -> FeatureFile:
    if not features.size:
        raise ATMGCNError(f"{path}: is empty, its features are {list(features.shape)}; it must have a row per frame")
    if features.ndim < 2:
        raise ATMGCNError(f"{path}: holds features {list(features.shape)}; it must be [num_frames, C], a row per frame")
    rows = _numbers(path, "the features", features).reshape(len(features), -1)
    for name, values in special.items():
        if values.shape != (len(rows),):
            raise ATMGCNError(f"{path}: {name} is {list(values.shape)}; it must have one value per row, {len(rows)}")
    given = {name: _ascending(path, name, _numbers(path, name, values)) for name, values in special.items()}
    times = [name for name in (SECONDS, TIMESTAMP, POS) if name in given]
    if len(times) > 1:
        raise ATMGCNError(f"{path}: has both {times[0]} and {times[1]}; leave one of the two out")
    numbers = given.get(FRAME, np.arange(len(rows), dtype=np.float64))
    if (numbers != np.floor(numbers)).any():
        raise ATMGCNError(f"{path}: {FRAME} holds numbers that are not whole")
    return FeatureFile(
        path, rows, numbers.astype(np.int64), given.get(SECONDS, given.get(TIMESTAMP)), given.get(POS), tuple(columns)
    )


def _numbers(path: Path, what: str, values: np.ndarray) -> np.ndarray:
    if values.dtype.kind not in "fiub":
        raise ATMGCNError(f"{path}: {what} are of type {values.dtype}; they must be numbers")
    return values.astype(np.float64)


def _ascending(path: Path, name: str, values: np.ndarray) -> np.ndarray:
    wrong = np.flatnonzero(~(np.diff(values) > 0))  # also true for NaN
    if len(wrong) or not np.isfinite(values).all():
        row = int(wrong[0]) + 1 if len(wrong) else 0
        raise ATMGCNError(f"{path}: {name} does not ascend at row {row}, counted from 0; sort the rows")
    return values


def _read_npy(path: Path, chosen: object = None) -> Content:
    return np.load(path, mmap_mode="r", allow_pickle=False), {}, []


def _read_npz(path: Path, chosen: object = None) -> Content:
    with np.load(path, allow_pickle=False) as arrays:
        special = {name: arrays[name] for name in NOT_FEATURES if name in arrays.files}
        others = [name for name in arrays.files if name not in special]
        named = [name for name in ARRAYS if name in others] or others
        if len(named) != 1:
            found = ", ".join(others) or "none"
            raise ATMGCNError(f"{path}: must have one array of features, named x, and has {found}")
        return arrays[named[0]], special, []

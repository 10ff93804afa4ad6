"""The record of a finished fold: its run, name and seed, and the digests of its files.

``fold.json`` is written last, so a fold that has one is finished::

    {"format": 1, "run": "<digest>", "fold": "casme2/sub01", "seed": 0, "sha256": {"log.jsonl": "<digest>", ...}}

The digests reveal a file that was cut, replaced, or copied from another fold. That of the log leaves the seconds out,
so that equal trainings have equal records.
"""

import hashlib
import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from atm_gcn.errors import ATMGCNError
from atm_gcn.files import file_digest, read_json, write_json
from atm_gcn.training.loop.log_file import read_log
from atm_gcn.training.results.layout import FOLD_RECORD, LOG, MODEL, PREDICTIONS

FILES = (MODEL, LOG, PREDICTIONS)
FIX = "train the fold again with atm-gcn train --resume"


class FoldRecord(BaseModel):
    """Content of ``fold.json``.

    Attributes:
        run: Digest of the run; see :attr:`~atm_gcn.training.results.run_record.RunRecord.digest`.
        fold: Name of the fold.
        seed: The run's seed that it was trained with.
        sha256: Digest of each of the fold's files, by name.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    format: Literal[1] = 1
    run: str
    fold: str
    seed: int
    sha256: dict[str, str]


def write_record(folder: Path, run: str, fold: str, seed: int) -> None:
    """Mark a fold as finished, once its other files are written; that of the model may be absent.

    Raises:
        ATMGCNError: If the file cannot be written.
    """
    files = [name for name in FILES if name != MODEL or (folder / MODEL).is_file()]
    sha256 = {name: _digest(folder / name) for name in files}
    write_json(folder / FOLD_RECORD, FoldRecord(run=run, fold=fold, seed=seed, sha256=sha256).model_dump())


def read_record(folder: Path, run: str, fold: str, seed: int) -> FoldRecord | None:
    """The record of a fold; None if the fold is not finished.

    Args:
        folder: Of the fold.
        run: Expected digest of the run.
        fold: Expected name of the fold.
        seed: Expected seed.

    Raises:
        ATMGCNError: If the record is damaged, or of another training.
    """
    file = folder / FOLD_RECORD
    record = _read(file)
    if record is None:
        return None
    found, wanted = (record.run, record.fold, record.seed), (run, fold, seed)
    if found != wanted:
        other = "another run" if record.run != run else f"fold {record.fold!r} with seed {record.seed}"
        raise ATMGCNError(f"{file}: is the record of {other}, not of fold {fold!r} with seed {seed}; {FIX}")
    return record


def check_files(folder: Path, record: FoldRecord, names: tuple[str, ...] = ()) -> None:
    """Make sure that the files of a fold were not changed after it ended.

    Args:
        folder: Of the fold.
        record: Of :func:`read_record`.
        names: The files; none for all that the fold has.

    Raises:
        ATMGCNError: Naming the first file that is missing or was changed.
    """
    for name in names or [name for name in FILES if name != MODEL or MODEL in record.sha256]:
        if name == MODEL and name not in record.sha256:
            raise ATMGCNError(f"{folder}: has no model, for the run was begun with train.compute.save_models=false")
        if not (folder / name).is_file():
            raise ATMGCNError(f"{folder / name}: is missing; {FIX}")
        if _digest(folder / name) != record.sha256.get(name):
            raise ATMGCNError(f"{folder / name}: was changed after the fold had ended; {FIX}")


def check_named_model(path: Path) -> Path:
    """If a checkpoint, or the one in a folder, has the record of a fold beside it, make sure that the two agree.

    Returns:
        ``path``.

    Raises:
        ATMGCNError: If the record of its fold is damaged, or has another digest.
    """
    folder = path if path.is_dir() else path.parent
    record = _read(folder / FOLD_RECORD) if path.name == MODEL or path.is_dir() else None
    if record is not None:
        check_files(folder, record, (MODEL,))
    return path


def _read(file: Path) -> FoldRecord | None:
    if not file.is_file():
        return None
    try:
        return FoldRecord.model_validate(read_json(file, FIX))
    except ValidationError as error:
        raise ATMGCNError(f"{file}: is damaged; {FIX}") from error


def _digest(path: Path) -> str:
    if path.name != LOG:
        return file_digest(path)
    records = [{key: value for key, value in record.items() if key != "seconds"} for record in read_log(path)]
    return hashlib.sha256(json.dumps(records, sort_keys=True).encode()).hexdigest()

"""The record of a run, ``run.json``: its frame store, the digest of its settings, and its folds."""

import hashlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from atm_gcn.config.messages import location
from atm_gcn.data import ClipStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import read_json, write_json
from atm_gcn.files.refusals import refuse_special

if TYPE_CHECKING:
    from atm_gcn.training.protocol.tasks import Task

FORMAT = 2
DIGESTED = {"config_sha256", "folds", "sha256"}  # absent in format 1
FIX = "copy the run's folder again, or train in another folder"


class _Record(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class StoreRecord(_Record):
    """The clips of a run: their checksum, and the path of their frame store or file; empty if they have none."""

    checksum: str
    path: str


class TaskRecord(_Record):
    """A fold trained with one seed, and its folder below the run's ``folds/``."""

    folder: str
    fold: str
    seed: int

    @field_validator("folder")
    @classmethod
    def _lies_below(cls, folder: str) -> str:
        parts = PurePosixPath(folder).parts
        if not parts or folder.startswith("/") or ".." in parts or "\0" in folder:
            raise ValueError("must lie below the run's folder")
        return folder


class RunRecord(_Record):
    """Content of ``run.json``.

    Attributes:
        format: Version of the layout; 1 is that of versions which recorded neither digests nor folds.
        atm_gcn: Version of the package that began the run.
        store: The clips.
        config_sha256: Digest of ``config.yaml``; empty in format 1.
        folds: In the order of the results; empty in format 1.
        sha256: Digest of all the rest; empty in format 1.
    """

    format: int = 1
    atm_gcn: str
    store: StoreRecord
    config_sha256: str = ""
    folds: Annotated[tuple[TaskRecord, ...], Field(strict=False)] = ()  # a list in JSON
    sha256: str = ""

    def own_digest(self) -> str:
        """The expected :attr:`sha256`."""
        return hashlib.sha256(self.model_dump_json(exclude={"sha256"}).encode()).hexdigest()

    @property
    def digest(self) -> str:
        """SHA-256 of the settings and the store's checksum, which the record of every fold repeats."""
        return hashlib.sha256(f"{self.config_sha256} {self.store.checksum}".encode()).hexdigest()


def write_run_record(path: Path, config: str, store: ClipStore, tasks: "Sequence[Task]", version: str) -> None:
    """Write ``run.json``.

    Args:
        path: The file.
        config: Content of ``config.yaml``.
        store: The clips.
        tasks: All that the run consists of.
        version: Of the package that began the run.
    """
    record = RunRecord(
        format=FORMAT,
        atm_gcn=version,
        store=StoreRecord(checksum=store.checksum, path=str(store.path.absolute()) if store.path else ""),
        config_sha256=hashlib.sha256(config.encode()).hexdigest(),
        folds=tuple(TaskRecord(folder=t.path.as_posix(), fold=t.fold.name, seed=t.seed) for t in tasks),
    )
    write_json(path, record.model_copy(update={"sha256": record.own_digest()}).model_dump(mode="json"))


def read_run_record(path: Path, config: Path) -> RunRecord:
    """Read ``run.json``, and make sure that ``config.yaml`` is the one that the run was begun with.

    Raises:
        ATMGCNError: If a file is missing, damaged or changed, or of another format version.
    """
    content = read_json(path, FIX)
    refuse_special(config)
    version = content.get("format", 1 if content.keys().isdisjoint(DIGESTED) else None)
    if version not in (1, FORMAT):
        raise ATMGCNError(
            f"{path}: has format version {version}, this atm_gcn reads 1 and {FORMAT}; install the one that wrote it"
        )
    try:
        record = RunRecord.model_validate(content)
    except ValidationError as error:
        raise ATMGCNError(f"{path}: is damaged at {location(error)!r}; {FIX}") from error
    if version == FORMAT and record.sha256 != record.own_digest():
        raise ATMGCNError(f"{path}: was changed after the run had begun; {FIX}")
    if version == FORMAT and hashlib.sha256(config.read_bytes()).hexdigest() != record.config_sha256:
        raise ATMGCNError(f"{config}: was changed after the run had begun; {FIX}")
    return record

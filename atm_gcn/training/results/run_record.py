"""The record of a run, ``run.json``: its frame store, the digest of its settings, and its folds."""

import hashlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from atm_gcn.config.messages import location
from atm_gcn.data import ClipStore
from atm_gcn.data.store.clip_store import SelectedClips
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


class Origin(_Record):
    """A frame store, or a file or manifest of features, whose clips a run reads.

    Attributes:
        path: Where it is.
        checksum: Its own.
        clips: Positions of the clips that are read; None for all.
    """

    path: str
    checksum: str
    clips: Annotated[tuple[int, ...] | None, Field(strict=False)] = None


class StoreRecord(_Record):
    """The clips of a run.

    Attributes:
        checksum: Of all of them.
        path: Of the first frame store or file; empty if they have none.
        origins: Every frame store or file; empty without any, and in runs of earlier versions.
    """

    checksum: str
    path: str
    origins: Annotated[tuple[Origin, ...], Field(strict=False)] = ()

    @classmethod
    def of(cls, store: ClipStore) -> Self:
        """The record of a store."""
        groups: dict[int, tuple[ClipStore, list[int]]] = {}
        for index in range(len(store)):
            own, position = store.located(index)
            groups.setdefault(id(own), (own, []))[1].append(position)
        origins = [
            Origin(
                path=str(own.path.absolute()),
                checksum=own.checksum,
                clips=None if clips == list(range(len(own))) else tuple(clips),
            )
            for own, clips in groups.values()
            if own.path
        ]
        path = str(store.path.absolute()) if store.path else ""
        return cls(checksum=store.checksum, path=path, origins=tuple(origins))

    @property
    def paths(self) -> list[str]:
        """Where the clips are."""
        return [origin.path for origin in self.origins] or ([self.path] if self.path else [])

    def open(self) -> list[ClipStore]:
        """Open the frame stores and files again, each with the clips that the run read of it.

        Raises:
            ATMGCNError: If there is none, or one is gone, damaged or was changed.
        """
        if not self.path:
            raise ATMGCNError("the run has no frame store")
        origins = self.origins or (Origin(path=self.path, checksum=self.checksum),)
        return [_opened(origin) for origin in origins]


def _opened(origin: Origin) -> ClipStore:
    from atm_gcn.data import open_clips  # these import torch, which takes seconds
    from atm_gcn.data.sequences.apex import APEXES

    for rule in APEXES:  # on which the checksum of features depends, not that of frames
        try:
            store = open_clips(Path(origin.path), rule)
        except ATMGCNError as error:
            raise ATMGCNError(f"the run's frame store {origin.path} is gone or damaged") from error
        if store.checksum == origin.checksum:
            return store if origin.clips is None else SelectedClips(store, origin.clips)
        if store.frame_size is not None:
            break
    raise ATMGCNError(f"the run's frame store {origin.path} was prepared again")


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
        without: Any = {"sha256": True} | ({} if self.store.origins else {"store": {"origins"}})
        return hashlib.sha256(self.model_dump_json(exclude=without).encode()).hexdigest()

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
        store=StoreRecord.of(store),
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

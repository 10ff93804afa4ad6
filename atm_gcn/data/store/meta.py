"""``meta.json`` of a frame store: its schema, and the digest by which a changed one is recognised."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from atm_gcn.config import DataConfig
from atm_gcn.config.messages import location
from atm_gcn.data.identity import normal
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import read_json

META = "meta.json"
FLOW, DEPTH, REGISTRATION, FACES = "flow.npy", "depth.npy", "registration.npy", "faces.json"
FORMAT_VERSION = 2
WITHOUT_TIMES = 1  # the earlier format, which is still read
WITH_FACES = 3  # the format of stores with optical flow, depth, registration or a record of faces
DIGESTS = "sha256"
DIGESTED = {META, "manifest.csv", "times.npy"}
FIX = "prepare the store again"


def read_meta(path: Path) -> dict[str, Any]:
    """The content of a store's ``meta.json``, its class names in normal form.

    Raises:
        ATMGCNError: If it is missing, damaged, changed or of another format version.
    """
    file = path / META
    if not file.is_file():
        raise ATMGCNError(f"{path}: is no frame store, it has no {META}; make one with 'atm-gcn prepare'")
    meta = read_json(file, FIX)
    version = meta.get("format")
    if version not in (WITHOUT_TIMES, FORMAT_VERSION, WITH_FACES):
        raise ATMGCNError(
            f"{path}: has store format {version}, this version reads {WITHOUT_TIMES} to {WITH_FACES}; prepare it again"
        )
    try:
        _Meta.model_validate(meta)
    except ValidationError as error:
        raise ATMGCNError(f"{file}: is damaged at {location(error)!r}; {FIX}") from error
    digested = DIGESTED | (files_of(meta) - {FLOW, DEPTH})
    if version != WITHOUT_TIMES and meta.get(DIGESTS, {}).keys() != digested:
        raise ATMGCNError(f"{file}: lacks the digests of its store; {FIX}")
    if DIGESTS in meta and meta[DIGESTS].get(META) != meta_digest(meta):
        raise ATMGCNError(f"{file}: was changed after the store was prepared; {FIX}")
    names = [normal(name) for name in meta["classes"]]  # as the labels of its clips are read
    if len(set(names)) < len(names):
        raise ATMGCNError(f"{path}: has one class under two spellings ({meta['classes']!a}); {FIX}")
    return meta | {"classes": names}


def files_of(meta: dict[str, Any]) -> set[str]:
    """The files of a store beside those that every store has: of optical flow, depth, registration and faces."""
    if meta["format"] < WITH_FACES:
        return set()
    config = DataConfig.from_record(meta["config"], META)
    return files_for(config)


def files_for(config: DataConfig) -> set[str]:
    """The files that a store of these settings gets beside those that every store has."""
    files = {FLOW} if config.flow not in ("none", "pictures") else set()
    files |= {DEPTH} if config.depth else set()
    files |= {REGISTRATION} if config.register != "none" else set()
    return files | ({FACES} if config.face != "none" else set())


def meta_digest(meta: dict[str, Any]) -> str:
    """SHA-256 of ``meta.json`` without the digest of itself."""
    digests = {name: digest for name, digest in meta.get(DIGESTS, {}).items() if name != META}
    return hashlib.sha256(json.dumps(meta | {DIGESTS: digests}, sort_keys=True).encode()).hexdigest()


class _Meta(BaseModel):
    """Entries that every reader of ``meta.json`` relies on."""

    model_config = ConfigDict(strict=True)

    size: Annotated[int, Field(ge=1)]
    classes: Annotated[list[str], Field(min_length=1)]
    checksum: str
    config: DataConfig
    left_out: dict[str, str] = {}
    uncropped: dict[str, str] = {}
    unregistered: dict[str, str] = {}
    sha256: dict[Literal["meta.json", "manifest.csv", "times.npy", "registration.npy", "faces.json"], str] = {}

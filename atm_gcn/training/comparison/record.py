"""The file ``comparison.json``: which models a folder compares, and what each costs. This does not import torch."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, field_validator

from atm_gcn.config.messages import location
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import read_json, write_json

RECORD = "comparison.json"
FIX = "compare the models again with --resume"


class ModelRecord(BaseModel):
    """A model of a comparison; see :class:`~atm_gcn.training.comparison.tables.ComparedModel`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    model: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    title: str
    settings: str
    parameters: int | None
    gmac: FiniteFloat | None


class ComparisonRecord(BaseModel):
    """Content of the file; the models are in the order of the table."""

    model_config = ConfigDict(extra="forbid", strict=True)

    format: Literal[1] = 1
    models: Annotated[list[ModelRecord], Field(min_length=1)]

    @field_validator("models")
    @classmethod
    def _each_once(cls, models: list[ModelRecord]) -> list[ModelRecord]:
        if len({one.model for one in models}) < len(models):
            raise ValueError("names a model twice")
        return models


def is_comparison(folder: str | Path) -> bool:
    """Whether a folder holds a comparison."""
    return (Path(folder) / RECORD).is_file()


def write_record(folder: Path, models: list[ModelRecord]) -> None:
    """Write the file to the folder of a comparison."""
    write_json(folder / RECORD, ComparisonRecord(models=models).model_dump())


def read_record(folder: Path) -> list[ModelRecord]:
    """The models of a comparison.

    Raises:
        ATMGCNError: If there is no such file, or it is damaged or of another version.
    """
    file = folder / RECORD
    if not is_comparison(folder):
        raise ATMGCNError(f"{folder}: holds no comparison; make one with atm-gcn compare")
    try:
        return ComparisonRecord.model_validate(read_json(file, FIX)).models
    except ValidationError as error:
        raise ATMGCNError(f"{file}: is damaged or of another version, at {location(error)}; {FIX}") from error

"""What every results file has, where results files lie, and how they are named. Seconds and bytes throughout."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Literal, Self

import click
from pydantic import BaseModel, ConfigDict, Field

from atm_gcn.files import write_text

FOLDER = Path(__file__).parents[1] / "results"


class Strict(BaseModel):
    """A part of a results file; keys that it does not declare are refused."""

    model_config = ConfigDict(extra="forbid")


class Spread(Strict):
    """Seconds of a call: the median and the quartiles of ``rounds`` readings."""

    median: float
    low: float
    high: float
    rounds: int


class LeftOut(Strict):
    """What was not measured on this machine, and why."""

    what: str
    why: str


class MachineInfo(Strict):
    """The machine of a measurement, and the versions of the packages on it."""

    name: str
    cores: int
    gpu: str | None
    system: str
    python: str
    versions: dict[str, str]

    @property
    def label(self) -> str:
        """The GPU if one was measured, else the processor and its cores."""
        return self.gpu or f"{self.name}, {self.cores} cores"


class ResultsFile(Strict):
    """A results file. Each program declares its own, under the name with which its files begin."""

    program: ClassVar[str]
    schema_version: Literal[1] = 1
    date: str = Field(default_factory=lambda: datetime.now(UTC).date().isoformat())
    machine: MachineInfo
    left_out: list[LeftOut] = []

    @classmethod
    def kept(cls) -> list[Path]:
        """The files of this program in the results folder."""
        return sorted(FOLDER.glob(f"{cls.program}-*.json"))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a results file; raises pydantic's ValidationError for anything else."""
        return cls.model_validate_json(path.read_text(encoding="utf-8"))

    def write(self, path: Path | None = None) -> Path:
        """Write to ``path``, or to PROGRAM-MACHINE-DATE.json in the results folder; returns where."""
        slug = re.sub(r"[^a-z0-9]+", "-", self.machine.label.lower()).strip("-")
        path = path or FOLDER / f"{self.program}-{slug}-{self.date}.json"
        write_text(path, self.model_dump_json(indent=2) + "\n")
        return path


def out_option(command: Callable) -> Callable:
    """Add ``--out`` to a program."""
    return click.option(
        "--out",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Results file. [default: benchmarks/results/PROGRAM-MACHINE-DATE.json]",
    )(command)

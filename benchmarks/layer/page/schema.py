"""What a results file holds. Seconds and bytes throughout."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

VERSION = 1


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Spread(Strict):
    """Seconds of a call: the median and the quartiles of so many readings."""

    median: float
    low: float
    high: float
    rounds: int


class LeftOut(Strict):
    """What was not measured on this machine, and why."""

    what: str
    why: str


class ResultsFile(Strict):
    """What every results file has."""

    left_out: list[LeftOut] = []


class SideResult(Strict):
    """One side on one case. A time that is None was not taken; ``note`` says why.

    ``same`` is False for sides that compute another function: they are compared in speed only.
    ``deviation`` is the largest error of output and gradients against float64, relative to the largest value.
    ``first_call`` is what the first forward and backward took, compilation included.
    """

    side: str
    same: bool = True
    deviation: float | None = None
    first_call: float | None = None
    forward: Spread | None = None
    train: Spread | None = None
    forward_peak: int | None = None
    train_peak: int | None = None
    wrong: bool = False
    note: str = ""


class CaseResult(Strict):
    """All sides on one size. ``floor`` is the Linear, or the stack of them, that times are ratios to."""

    case: str
    batch: int
    nodes: int
    window: int
    channels: int
    ragged: bool
    num_nodes: int
    num_edges: int
    floor: str
    sides: list[SideResult]


class SumResult(Strict):
    """The weighted sum alone, against the time in which its bytes can move at the bandwidth of a copy."""

    case: str
    side: str
    forward: Spread
    backward: Spread
    forward_bytes: int
    backward_bytes: int


class ScalePoint(Strict):
    nodes: int
    seconds: float
    peak: int


class Scaling(Strict):
    """Forward and backward of the banded layer over one long clip, and the slopes in log-log."""

    side: str
    window: int
    channels: int
    points: list[ScalePoint]
    time_slope: float
    memory_slope: float


class Million(Strict):
    """Forward and backward over one clip in a process of its own: the peak of the whole process and of the call."""

    side: str
    nodes: int
    channels: int
    seconds: float
    peak: int
    process_peak: int | None


class Machine(Strict):
    name: str
    cores: int
    gpu: str | None
    system: str
    python: str
    versions: dict[str, str]


class Results(ResultsFile):
    """A results file."""

    schema_version: Literal[1] = VERSION
    date: str
    machine: Machine
    device: str
    threads: int
    seed: int
    tolerance: float
    memory_limit: float
    copy_bandwidth: float
    seconds: float = 0.0
    layers: list[CaseResult] = []
    stacks: list[CaseResult] = []
    sums: list[SumResult] = []
    scaling: list[Scaling] = []
    million: list[Million] = []

    @property
    def wrong(self) -> list[str]:
        """The sides that failed the gate, with their cases."""
        return [f"{s.side} at {c.case}: {s.note}" for c in [*self.layers, *self.stacks] for s in c.sides if s.wrong]

    @classmethod
    def read(cls, path: Path) -> "Results":
        """Read a results file; raises pydantic's ValidationError for anything else."""
        return cls.model_validate_json(path.read_text(encoding="utf-8"))

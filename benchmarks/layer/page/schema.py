"""The results file of ``sparse_vs_dense``."""

from pydantic import Field

from benchmarks.common.results import ResultsFile, Spread, Strict


class SideResult(Strict):
    """One side on one case. A time that was not taken is None, and ``note`` gives the reason.

    ``same`` is False for sides that compute another function: they are compared in speed only.
    ``deviation`` is the largest error of output and gradients against float64, relative to the largest value.
    ``first_call`` is the time of the first forward and backward, compilation included.
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


class Results(ResultsFile):
    """A results file."""

    program = "sparse-vs-dense"
    device: str
    threads: int
    seed: int
    tolerance: float
    memory_limit: float
    copy_bandwidth: float
    seconds: float = 0.0
    layers: list[CaseResult] = Field(default_factory=list)
    stacks: list[CaseResult] = Field(default_factory=list)
    sums: list[SumResult] = Field(default_factory=list)
    scaling: list[Scaling] = Field(default_factory=list)
    million: list[Million] = Field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """The sides that failed the gate, with their cases."""
        return [f"{s.side} at {c.case}: {s.note}" for c in [*self.layers, *self.stacks] for s in c.sides if s.wrong]

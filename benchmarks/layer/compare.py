"""Compare all sides on one size: prepare, check against the reference, measure memory, then time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from torch import Tensor

from benchmarks.common.memory import peak
from benchmarks.common.timing import interleave
from benchmarks.layer import rivals, sides
from benchmarks.layer.call import Call, NotAvailable, TooLarge
from benchmarks.layer.cases import Batch, Case, draw
from benchmarks.layer.gate import TOLERANCE, largest_deviation, reference
from benchmarks.layer.page.schema import CaseResult, SideResult

Inputs = TypeVar("Inputs")
Prepare = Callable[[Inputs, float], Call]

FLOOR = "Linear"
EAGER, COMPILED = "TMGCNConv", "TMGCNConv, compiled"
LAYERS: dict[str, Prepare[Batch]] = {
    FLOOR: sides.linear,
    EAGER: sides.layer,
    f"{EAGER}, given N(A)": partial(sides.layer, normalize=False),
    COMPILED: sides.compiled_layer,
    "TMGCNConv banded": partial(sides.layer, backend="banded"),
    "TMGCNConv edges": sides.edges,
    "DenseTMGCNConv": sides.dense,
    "DenseTMGCNConv, compiled": partial(sides.dense, compile=True),
    "PyG GCNConv": rivals.gcn,
    "PyG GCNConv, compiled": partial(rivals.gcn, compile=True),
    "PyG GCNConv, defaults": rivals.gcn_with_defaults,
    "PyG GATv2Conv": rivals.gatv2,
    "torch sparse CSR": rivals.csr,
    "torch_scatter segment_csr": rivals.segment_csr,
    "FlexAttention": rivals.flex,
}


@dataclass(frozen=True)
class Settings:
    """How to measure.

    Args:
        device: ``"cpu"`` or ``"cuda"``.
        rounds: Readings of every side.
        budget: Seconds for all readings of one case, once for forward and once for forward and backward.
        seed: Of the inputs and of the order within a round.
        limit: Bytes above which a side is skipped.
    """

    device: str = "cpu"
    rounds: int = 15
    budget: float = 3.0
    seed: int = 0
    limit: float = 2e9


def compare_layers(case: Case, settings: Settings, ways: dict[str, Prepare[Batch]] = LAYERS) -> CaseResult:
    """Every way to compute one layer."""
    batch = draw(case, settings.device, settings.seed)
    expected = reference(batch, settings.limit)
    return compare(case, batch, expected, ways, FLOOR, settings)


def compare(
    case: Case,
    batch: Batch,
    expected: dict[str, Tensor],
    ways: dict[str, Prepare[Batch]],
    floor: str,
    settings: Settings,
    distance: Callable[[Call, dict[str, Tensor]], tuple[float, str]] = largest_deviation,
    tolerance: float = TOLERANCE,
) -> CaseResult:
    """Gate, then measure."""
    results = {name: SideResult(side=name) for name in ways}
    calls: dict[str, Call] = {}
    for name, prepare in ways.items():
        try:
            call = prepare(batch, settings.limit)
            results[name].same = call.same
            check_against_reference(call, expected, results[name], distance, tolerance)
        except (TooLarge, NotAvailable) as reason:
            results[name].note = str(reason)
        except Exception as error:  # a rival that fails is a result; a way of the library that fails is an error
            results[name].note = f"fails: {type(error).__name__}: {str(error).strip().splitlines()[0][:200]}"
            results[name].wrong = name.startswith("TMGCN")
        else:
            if not results[name].wrong:
                calls[name] = call
    measure(calls, results, settings)
    return CaseResult(
        case=str(case),
        batch=case.batch,
        nodes=case.nodes,
        window=case.window,
        channels=case.channels,
        ragged=case.ragged,
        num_nodes=batch.x.size(0),
        num_edges=batch.edge_weight.numel(),
        floor=floor,
        sides=list(results.values()),
    )


def check_against_reference(
    call: Call, expected: dict[str, Tensor], result: SideResult, distance: Callable, tolerance: float
) -> None:
    """Run a side for the first time, and compare it with the reference if it computes the same function."""
    begin = time.perf_counter()
    call.train() if call.trains else call.forward()
    result.first_call = time.perf_counter() - begin
    if not call.trains:
        result.note = call.untrained
    if call.same:
        result.deviation, where = distance(call, expected)
        if not result.deviation <= tolerance:
            result.wrong = True
            result.note = f"wrong: {where} deviates by {result.deviation:.1e} of its largest value; not timed"


def measure(calls: dict[str, Call], results: dict[str, SideResult], settings: Settings) -> None:
    """Peak memory and times of the sides that passed."""
    device = settings.device
    for kind in ("forward", "train"):
        runs = {name: getattr(call, kind) for name, call in calls.items() if kind == "forward" or call.trains}
        for run in runs.values():
            run()
        for name, run in runs.items():
            setattr(results[name], f"{kind}_peak", peak(run, device))
        for name, times in interleave(runs, device, settings.rounds, settings.budget, settings.seed).items():
            setattr(results[name], kind, times)

"""The weighted sum alone, against the time to copy the bytes that it must touch."""

from functools import partial

import torch
from torch import Tensor

from atm_gcn.graph._backends.banded import banded_sum
from atm_gcn.graph._backends.csr import csr
from benchmarks.common.timing import interleave
from benchmarks.layer.call import BYTES, TooLarge
from benchmarks.layer.cases import Batch, Case, draw
from benchmarks.layer.compare import Settings
from benchmarks.layer.gate import TOLERANCE
from benchmarks.layer.page.schema import SumResult
from benchmarks.layer.sides import refuse_messages

COPIED = 1 << 28  # bytes; beyond every cache


def copy_bandwidth(settings: Settings) -> float:
    """Bytes per second, read and written, of a large copy."""
    source = torch.zeros(COPIED // BYTES, device=settings.device)
    target = torch.ones_like(source)
    times = interleave({"copy": lambda: target.copy_(source)}, settings.device, settings.rounds, 5.0, settings.seed)
    return 2 * COPIED / times["copy"].median


@torch._functorch.config.patch(donated_buffer=False)  # else a compiled backward runs only once
def time_sums(case: Case, settings: Settings, compile: bool = True) -> list[SumResult]:
    """Forward, and backward alone to features and weights.

    Args:
        case: The size.
        settings: How to measure.
        compile: Whether to time compiled code too.

    Raises:
        AssertionError: If a way deviates from the sum over edges in float64.
    """
    batch = draw(case, settings.device, settings.seed)
    edge_index = batch.topology.edge_index
    slots, table = batch.graph.slots, batch.edge_graph.to_slots(batch.alpha)
    fused = torch.compile(banded_sum, fullgraph=True, dynamic=True)
    ways = {"banded": (lambda x, a: banded_sum(x, a, slots), table)}
    if compile:
        ways["banded, compiled"] = (lambda x, a: fused(x, a, slots), table)
    if slots.pattern is not None:
        ways["csr"] = (lambda x, a: csr(x, a, slots), table)
    try:
        refuse_messages(batch, settings.limit)
        ways["edges"] = (lambda x, a: edge_sum(x, a, edge_index), batch.alpha)
    except TooLarge:
        pass
    forwards, backwards = {}, {}
    for name, (way, weights) in ways.items():
        x, weights = batch.x.clone().requires_grad_(), weights.clone().requires_grad_()
        out = way(x, weights)
        check(name, batch, out, torch.autograd.grad(out, [x, weights], batch.probe, retain_graph=True))
        forwards[name] = partial(way, x.detach(), weights.detach())
        backwards[name] = partial(torch.autograd.grad, out, (x, weights), batch.probe, retain_graph=True)
    rows, cells = BYTES * batch.x.numel(), BYTES * table.numel()
    timing = (settings.device, settings.rounds, settings.budget, settings.seed)
    forward, backward = interleave(forwards, *timing), interleave(backwards, *timing)
    return [
        SumResult(
            case=str(case),
            side=name,
            forward=forward[name],
            backward=backward[name],
            forward_bytes=2 * rows + cells,  # read x and A, write out
            backward_bytes=3 * rows + 2 * cells,  # read x, A and the gradient, write both gradients
        )
        for name in ways
    ]


def edge_sum(x: Tensor, alpha: Tensor, edge_index: Tensor) -> Tensor:
    """A message per edge."""
    source, destination = edge_index
    return torch.zeros_like(x).index_add(0, destination, alpha[:, None] * x[source])


def check(name: str, batch: Batch, out: Tensor, gradients: tuple[Tensor, Tensor]) -> None:
    """Compare a way with float64, a slice of channels at a time so that messages stay small."""
    source, destination = batch.topology.edge_index
    grad_x, grad_alpha = gradients
    if grad_alpha.dim() == 2:
        grad_alpha = batch.edge_graph.from_slots(grad_alpha)
    alpha, by_edge = batch.alpha.double(), torch.zeros_like(grad_alpha, dtype=torch.float64)
    for part in range(0, batch.x.size(1), 16):
        piece = slice(part, part + 16)
        x, probe = batch.x[:, piece].double(), batch.probe[:, piece].double()
        by_edge += (x[source] * probe[destination]).sum(1)
        require_close(name, out[:, piece], edge_sum(x, alpha, batch.topology.edge_index))
        require_close(name, grad_x[:, piece], edge_sum(probe, alpha, batch.topology.edge_index.flip(0)))
    require_close(name, grad_alpha, by_edge)


def require_close(name: str, value: Tensor, expected: Tensor) -> None:
    error = float((value.double() - expected).abs().max() / expected.abs().max())
    if not error <= TOLERANCE:
        raise AssertionError(f"the weighted sum {name} deviates by {error:.1e} of its largest value")

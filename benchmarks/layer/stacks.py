"""The whole graph stack, weights and adaptive layers included, against a stack of bare Linears."""

import copy
from functools import partial

import torch
from torch import Tensor, nn

from atm_gcn.graph.stack import TMGCNStack
from benchmarks.layer.call import Call
from benchmarks.layer.cases import Batch, Case, draw
from benchmarks.layer.compare import Prepare, Settings, compare
from benchmarks.layer.gate import mean_deviation
from benchmarks.layer.page.schema import CaseResult
from benchmarks.layer.sides import compiled

LAYERS = 4
TOLERANCE = 1e-3  # of norms; see mean_deviation
FLOOR = f"{LAYERS} x (Linear, ReLU)"


def linears(batch: Batch, limit: float, compile: bool = False) -> Call:
    """As many Linears of the same size, each with ReLU."""
    channels = batch.x.size(1)
    module = nn.Sequential(*[part for _ in range(LAYERS) for part in (nn.Linear(channels, channels), nn.ReLU())])
    module.to(batch.x.device)
    layer = compiled(module, "linears") if compile else module
    x = batch.x.clone()
    return Call(lambda: layer(x), {"x": x, **dict(module.named_parameters())}, batch.probe, same=False)


def graph_stack(batch: Batch, limit: float, model: TMGCNStack, way: str) -> Call:
    """The library's stack over slots, eager or compiled, or over the edge list."""
    module = copy.deepcopy(model).to(batch.x.device)
    layer = compiled(module, "stack") if way == "compiled" else module
    graph = batch.edge_graph if way == "edges" else batch.graph
    x = batch.x.clone()
    leaves = {"x": x, **dict(module.named_parameters())}
    return Call(lambda: layer(x, graph, batch.pos, batch.global_index), leaves, batch.probe)


def expected_of(model: TMGCNStack, batch: Batch) -> dict[str, Tensor]:
    """Output and gradients in float64 over the edge list."""
    module, x = copy.deepcopy(model).to(batch.x.device).double(), batch.x.double().requires_grad_()
    leaves = {"x": x, **dict(module.named_parameters())}
    out = module(x, batch.edge_graph, batch.pos, batch.global_index)
    gradients = torch.autograd.grad(out, list(leaves.values()), batch.probe.double())
    return {"out": out.detach(), **dict(zip(leaves, gradients, strict=True))}


def compare_stacks(case: Case, settings: Settings) -> CaseResult:
    """Adaptive stacks; A^(0) by Eq. 6-8 from the features, inside the timed call."""
    torch.manual_seed(settings.seed)
    batch = draw(case, settings.device, settings.seed)
    model = TMGCNStack(case.channels, case.channels, LAYERS, case.window)
    ways: dict[str, Prepare[Batch]] = {
        FLOOR: linears,
        f"{FLOOR}, compiled": partial(linears, compile=True),
        "TMGCNStack edges": partial(graph_stack, model=model, way="edges"),
        "TMGCNStack": partial(graph_stack, model=model, way="slots"),
        "TMGCNStack, compiled": partial(graph_stack, model=model, way="compiled"),
    }
    expected = expected_of(model, batch)
    return compare(case, batch, expected, ways, FLOOR, settings, mean_deviation, TOLERANCE)

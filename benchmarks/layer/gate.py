"""The gate: outputs and gradients must agree with float64 before anything is timed."""

import torch
from torch import Tensor

from atm_gcn.graph import DenseTMGCNConv, TMGCNConv
from atm_gcn.graph._backends.edges import normalize_edges
from atm_gcn.graph.dense import normalize_dense
from benchmarks.layer.call import Call
from benchmarks.layer.cases import Batch
from benchmarks.layer.sides import with_parameters

TOLERANCE = 1e-4  # largest deviation, in units of the reference's largest value


def reference(batch: Batch, limit: float) -> dict[str, Tensor]:
    """Output and gradients of Eq. 9 in float64, one clip after another.

    By the dense twin; clips whose adjacency matrix exceeds the memory limit go over the edge list.

    Returns:
        ``out``, and the gradients of ``x``, ``weight``, ``bias``, ``A`` and ``N(A)``.
    """
    edge_clip = batch.clip[batch.topology.edge_index[1]]
    total = {name: torch.zeros_like(getattr(batch, name), dtype=torch.float64) for name in ("x", "weight", "bias")}
    total |= {"out": total["x"].clone(), "A": batch.edge_weight.double() * 0, "N(A)": batch.alpha.double() * 0}
    for clip, nodes in enumerate(batch.num_nodes.tolist()):
        here, edges = batch.clip == clip, edge_clip == clip
        by = by_dense if 4 * 8 * nodes**2 <= limit else by_edges
        for name, value in by(batch, here, edges).items():
            part = {"out": here, "x": here, "A": edges, "N(A)": edges}.get(name)
            if part is None:
                total[name] += value
            else:
                total[name][part] = value
    return total


def by_dense(batch: Batch, here: Tensor, edges: Tensor) -> dict[str, Tensor]:
    """One clip by the dense twin."""
    source, destination = batch.place[batch.topology.edge_index[:, edges]]
    x = batch.x[here].double()[None].requires_grad_()
    adjacency = x.new_zeros(1, x.size(1), x.size(1))
    adjacency[0, source, destination] = batch.edge_weight[edges].double()
    alpha = normalize_dense(adjacency.requires_grad_(), "sym")
    layer = DenseTMGCNConv(*batch.weight.shape, normalize=None).double()
    layer = with_parameters(layer, batch.weight.double(), batch.bias.double())
    out = layer(x, alpha)
    leaves = [x, layer.lin.weight, layer.bias, adjacency, alpha]
    grad_x, weight, bias, *grads = torch.autograd.grad(out, leaves, batch.probe[here].double()[None])
    table, normalized = (grad[0, source, destination] for grad in grads)
    return {"out": out[0].detach(), "x": grad_x[0], "weight": weight, "bias": bias, "A": table, "N(A)": normalized}


def by_edges(batch: Batch, here: Tensor, edges: Tensor) -> dict[str, Tensor]:
    """One clip by message passing."""
    edge_index = batch.place[batch.topology.edge_index[:, edges]]
    x = batch.x[here].double().requires_grad_()
    weight = batch.edge_weight[edges].double().requires_grad_()
    alpha = normalize_edges(weight, edge_index, x.size(0), "sym")
    layer = TMGCNConv(*batch.weight.shape, normalize=None, backend="edges").double()
    layer = with_parameters(layer, batch.weight.double(), batch.bias.double())
    out = layer(x, edge_index, alpha)
    leaves = {"x": x, "weight": layer.lin.weight, "bias": layer.bias, "A": weight, "N(A)": alpha}
    gradients = torch.autograd.grad(out, list(leaves.values()), batch.probe[here].double())
    return {"out": out.detach(), **dict(zip(leaves, gradients, strict=True))}


def largest_deviation(call: Call, expected: dict[str, Tensor]) -> tuple[float, str]:
    """The largest deviation over output and gradients, and where it is.

    Relative to the largest value of each, or to 1 where all are smaller: N(A) of a lone node is 1 whatever A is.

    A value that is not a number deviates infinitely.
    """
    worst, where = 0.0, "out"
    for name, value in call.values().items():
        scale = expected[name].abs().max().clamp(min=1.0)
        error = float((value.double() - expected[name]).abs().max() / scale)
        if not error <= worst:
            worst, where = (error if error == error else float("inf")), name
    return worst, where


def mean_deviation(call: Call, expected: dict[str, Tensor]) -> tuple[float, str]:
    """:func:`largest_deviation` by Euclidean norms.

    For a stack with ReLU: where an input is zero up to rounding, float32 and float64 may differ in sign.
    """
    errors = {
        name: float((value.double() - expected[name]).norm() / expected[name].norm().clamp(min=1e-30))
        for name, value in call.values().items()
    }
    where = max(errors, key=lambda name: (errors[name] != errors[name], errors[name]))
    return (errors[where] if errors[where] == errors[where] else float("inf")), where

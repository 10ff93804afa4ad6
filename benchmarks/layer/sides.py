"""The library's own ways to compute Eq. 9, its dense twin, and the floor: a bare Linear."""

from collections.abc import Callable
from types import CodeType, FunctionType

import torch
from torch import Tensor, nn

from atm_gcn.graph import DenseTMGCNConv, TMGCNConv
from benchmarks.layer.call import BYTES, Call, refuse_above, refuse_without_compiler
from benchmarks.layer.cases import Batch

CODES: dict[str, CodeType] = {}


def compiled(module: nn.Module, side: str) -> Callable[..., Tensor]:
    """As the library promises to be compiled: no graph break, one compilation for all sizes.

    Every side has code of its own. torch keeps what it compiled with the code: of two settings of one layer, each would
    be found only after the guards of the other have failed, at every call.

    Raises:
        NotAvailable: Without a compiler.
    """
    refuse_without_compiler(next(module.parameters()).device)

    def call(*args: object) -> Tensor:
        return module(*args)

    code = CODES.setdefault(side, call.__code__.replace(co_name=side))
    function = FunctionType(code, globals(), side, None, call.__closure__)
    return torch.compile(function, fullgraph=True, dynamic=True)


def with_parameters(module: nn.Module, weight: Tensor, bias: Tensor) -> nn.Module:
    """Give a layer the parameters of the case, under whichever of the two names it holds W."""
    linear = getattr(module, "lin", module)
    module.to(weight.device)
    linear.weight.data.copy_(weight)
    module.bias.data.copy_(bias)
    return module


def leaves_of(x: Tensor, module: nn.Module, **edges: Tensor) -> dict[str, Tensor]:
    linear = getattr(module, "lin", module)
    return {"x": x, "weight": linear.weight, "bias": module.bias, **edges}


def linear(batch: Batch, limit: float) -> Call:
    """W and b without a graph: less than any layer must do."""
    module = with_parameters(nn.Linear(*batch.weight.shape), batch.weight, batch.bias)
    x = batch.x.clone()
    return Call(lambda: module(x), leaves_of(x, module), batch.probe, same=False)


def edges(batch: Batch, limit: float) -> Call:
    """Message passing over ``edge_index``."""
    refuse_messages(batch, limit)
    module = with_parameters(TMGCNConv(*batch.weight.shape, backend="edges"), batch.weight, batch.bias)
    x, weight, edge_index = batch.x.clone(), batch.edge_weight.clone(), batch.topology.edge_index
    return Call(lambda: module(x, edge_index, weight), leaves_of(x, module, A=weight), batch.probe)


def layer(batch: Batch, limit: float, normalize: bool = True, backend: str = "auto") -> Call:
    """The layer as it is called with an edge list; without ``normalize`` it is given N(A), as PyG's GCNConv is."""
    module = TMGCNConv(*batch.weight.shape, normalize="sym" if normalize else None, backend=backend)
    module = with_parameters(module, batch.weight, batch.bias)
    edge_index, edge_slot, _ = batch.topology
    name, weight = ("A", batch.edge_weight.clone()) if normalize else ("N(A)", batch.alpha.clone())
    x = batch.x.clone()
    run = lambda: module(x, edge_index, weight, edge_slot=edge_slot)  # noqa: E731
    return Call(run, leaves_of(x, module, **{name: weight}), batch.probe)


def compiled_layer(batch: Batch, limit: float) -> Call:
    """The compiled layer over a graph that is prepared beforehand, as that of a batch is."""
    module = with_parameters(TMGCNConv(*batch.weight.shape), batch.weight, batch.bias)
    run = compiled(module, "layer")
    x, table = batch.x.clone(), batch.edge_graph.to_slots(batch.edge_weight)

    def flat(part: str, value: Tensor) -> Tensor:
        return batch.edge_graph.from_slots(value) if part == "A" else value

    return Call(lambda: run(x, batch.graph, table), leaves_of(x, module, A=table), batch.probe, flat)


def dense(batch: Batch, limit: float, compile: bool = False) -> Call:
    """Padded clips and a ``[B, n, n]`` adjacency matrix; padding them is not timed."""
    refuse_above(limit, 4 * adjacency_bytes(batch), "the adjacency matrix, N(A) and their gradients")
    module = with_parameters(DenseTMGCNConv(*batch.weight.shape), batch.weight, batch.bias)
    run = compiled(module, "dense") if compile else module
    x, probe, mask = pad(batch, batch.x), pad(batch, batch.probe), pad(batch, torch.ones_like(batch.clip).bool())
    source, destination = batch.topology.edge_index
    where = (batch.clip[source], batch.place[source], batch.place[destination])
    longest = x.size(1)
    adjacency = x.new_zeros(x.size(0), longest, longest).index_put(where, batch.edge_weight)

    def flat(name: str, value: Tensor) -> Tensor:
        if name == "A":
            return value[where]
        return value[batch.clip, batch.place] if name in ("out", "x") else value

    return Call(lambda: run(x, adjacency, mask), leaves_of(x, module, A=adjacency), probe, flat)


def pad(batch: Batch, value: Tensor) -> Tensor:
    """``[N, ...]`` to ``[B, n, ...]``, zero where a clip is shorter."""
    shape = (batch.num_nodes.numel(), int(batch.num_nodes.max()), *value.shape[1:])
    return value.new_zeros(shape).index_put((batch.clip, batch.place), value)


def adjacency_bytes(batch: Batch) -> int:
    """One padded adjacency matrix in float32."""
    return BYTES * batch.num_nodes.numel() * int(batch.num_nodes.max()) ** 2


def refuse_messages(batch: Batch, limit: float) -> None:
    """Skip ways that hold a message per edge where those would not fit."""
    size = 3 * BYTES * batch.edge_weight.numel() * batch.x.size(1)
    refuse_above(limit, size, "the messages, their inputs and their gradients, [E, F] each,")

"""Rivals: the same layer, or one like it, written with other tools."""

import importlib.util
import math

import torch
from torch import Tensor, nn
from torch.nn.attention.flex_attention import create_block_mask, flex_attention
from torch_geometric.nn import GATv2Conv, GCNConv

from benchmarks.layer.call import BYTES, Call, NotAvailable, refuse_above, refuse_without_compiler
from benchmarks.layer.cases import Batch
from benchmarks.layer.sides import compiled, leaves_of, pad, refuse_messages, with_parameters

HEAD = 64  # channels of an attention head


def gcn(batch: Batch, limit: float, compile: bool = False) -> Call:
    """PyG's GCNConv without normalisation: it is given N(A)."""
    refuse_messages(batch, limit)
    module = with_parameters(GCNConv(*batch.weight.shape, normalize=False), batch.weight, batch.bias)
    layer = compiled(module, "gcn") if compile else module
    x, alpha, edge_index = batch.x.clone(), batch.alpha.clone(), batch.topology.edge_index
    return Call(lambda: layer(x, edge_index, alpha), leaves_of(x, module, **{"N(A)": alpha}), batch.probe)


def gcn_with_defaults(batch: Batch, limit: float) -> Call:
    """PyG's GCNConv with its defaults. It takes in-degrees on both sides, so its result differs."""
    refuse_messages(batch, limit)
    module = with_parameters(GCNConv(*batch.weight.shape), batch.weight, batch.bias)
    x, weight, edge_index = batch.x.clone(), batch.edge_weight.clone(), batch.topology.edge_index
    return Call(lambda: module(x, edge_index, weight), leaves_of(x, module, A=weight), batch.probe, same=False)


def gatv2(batch: Batch, limit: float) -> Call:
    """PyG's GATv2Conv on the same edges: learnt attention, another function."""
    refuse_messages(batch, limit)
    module = GATv2Conv(*batch.weight.shape, add_self_loops=False).to(batch.x.device)
    x, edge_index = batch.x.clone(), batch.topology.edge_index
    leaves = {"x": x, **dict(module.named_parameters())}
    return Call(lambda: module(x, edge_index), leaves, batch.probe, same=False)


def csr(batch: Batch, limit: float) -> Call:
    """torch's sparse CSR matrix product, given N(A)."""
    source, destination = batch.topology.edge_index
    order = (destination * batch.x.size(0) + source).argsort()
    rows = torch.bincount(destination, minlength=batch.x.size(0)).cumsum(0)
    rows = torch.cat([rows.new_zeros(1), rows])
    columns = source[order].contiguous()
    x, alpha, module = batch.x.clone(), batch.alpha[order], bare_linear(batch)

    def run() -> Tensor:
        matrix = torch.sparse_csr_tensor(rows, columns, alpha, (x.size(0), x.size(0)), check_invariants=False)
        return torch.sparse.mm(matrix, module.lin(x)) + module.bias

    def flat(name: str, value: Tensor) -> Tensor:
        return torch.empty_like(value).index_copy(0, order, value) if name == "N(A)" else value

    leaves, size = leaves_of(x, module, **{"N(A)": alpha}), BYTES * batch.x.size(0) ** 2
    reason = f"its backward makes the gradient of N(A) as a dense matrix of {size / 1e9:.1f} GB, more than the limit"
    return Call(run, leaves, batch.probe, flat, trains=size <= limit, untrained=reason)


def segment_csr(batch: Batch, limit: float) -> Call:
    """torch_scatter's segment_csr over edges sorted by destination, given N(A)."""
    if importlib.util.find_spec("torch_scatter") is None:
        raise NotAvailable("torch_scatter is not installed")
    from torch_scatter import segment_csr as segment_sum

    refuse_messages(batch, limit)
    source, destination = batch.topology.edge_index
    ends = torch.bincount(destination, minlength=batch.x.size(0)).cumsum(0)
    ends = torch.cat([ends.new_zeros(1), ends])
    x, alpha, module = batch.x.clone(), batch.alpha.clone(), bare_linear(batch)

    def run() -> Tensor:
        return segment_sum(alpha[:, None] * module.lin(x)[source], ends, reduce="sum") + module.bias

    return Call(run, leaves_of(x, module, **{"N(A)": alpha}), batch.probe)


def flex(batch: Batch, limit: float) -> Call:
    """torch's FlexAttention over the same band and global nodes, on padded clips: another function.

    Queries and keys are the features themselves, values a Linear's output; heads have 64 channels. On a CPU it has no
    backward.
    """
    count, longest, channels = batch.num_nodes.numel(), int(batch.num_nodes.max()), batch.x.size(1)
    if channels % HEAD:
        raise NotAvailable(f"F = {channels} is no multiple of a head's {HEAD} channels")
    trains = batch.x.is_cuda
    if not trains and channels < 8 * HEAD:
        raise NotAvailable("on a CPU it has no backward and compiles anew for every size: timed at F = 512 only")
    refuse_above(limit, 2 * BYTES * count * longest**2, "building the block mask")
    refuse_without_compiler(batch.x.device)
    module = bare_linear(batch)
    x, lengths = pad(batch, batch.x), batch.num_nodes
    anchor, window = batch.place[batch.global_index], batch.topology.window

    def edge(clip: Tensor, head: Tensor, query: Tensor, key: Tensor) -> Tensor:
        near = (query - key).abs() <= window
        return (near | (query == anchor[clip]) | (key == anchor[clip])) & (key < lengths[clip])

    blocks = create_block_mask(edge, count, None, longest, longest, device=x.device)
    attend = torch.compile(flex_attention, dynamic=False)  # with dynamic sizes its C++ does not compile in torch 2.13

    def run() -> Tensor:
        same, value = (t.view(count, longest, -1, HEAD).transpose(1, 2) for t in (x, module.lin(x)))
        out = attend(same, same, value, block_mask=blocks, scale=1 / math.sqrt(HEAD))
        return out.transpose(1, 2).reshape(count, longest, channels) + module.bias

    return Call(run, leaves_of(x, module), pad(batch, batch.probe), same=False, trains=trains)


def bare_linear(batch: Batch) -> nn.Module:
    """W and b for ways that are functions, not modules."""
    module = nn.Module()
    module.lin = nn.Linear(*batch.weight.shape, bias=False)
    module.bias = nn.Parameter(torch.empty_like(batch.bias))
    return with_parameters(module, batch.weight, batch.bias)

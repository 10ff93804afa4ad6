"""Sums over the nodes of each clip, and their transpose; deterministic on every device."""

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

CHUNK = 256  # nodes
FEW_NODES = 4096


class Segments(NamedTuple):
    """Where the clips of a batch begin, cut further into chunks so that long clips are summed in parallel.

    Args:
        chunk: ``[num_chunks]`` int64; first node of every chunk, ascending; every clip begins a chunk.
        first_chunk: ``[B]`` int64; first chunk of every clip.
        global_index: ``[B]`` int64; global node of every clip.
    """

    chunk: Tensor
    first_chunk: Tensor
    global_index: Tensor


def segments_of_clips(first_node: Tensor, global_index: Tensor, num_nodes: int) -> Segments:
    """Cut clips at multiples of :data:`CHUNK`; a cut where a clip begins or the batch ends makes an empty chunk."""
    if torch.compiler.is_exporting():  # whose sums take no chunks
        return Segments(first_node, torch.arange(first_node.numel(), device=first_node.device), global_index)
    cuts = torch.arange(num_nodes // CHUNK + 2, device=first_node.device) * CHUNK
    cuts = cuts.clamp(max=num_nodes)  # two cuts or more, so that an exported graph serves one chunk as well as many
    chunk = torch.cat([cuts, first_node]).sort().values
    return Segments(chunk, torch.searchsorted(chunk, first_node), global_index)


def spread(x: Tensor, anchor: Tensor, segments: Segments) -> Tensor:
    """Give every node the row of its clip's global node: ``[num_nodes, F]`` to ``[num_nodes, F]``."""
    return _Spread.apply(x, anchor, *segments)


def collect(x: Tensor, anchor: Tensor, segments: Segments) -> Tensor:
    """Sum the rows of each clip at its global node, 0 at every other node; the transpose of :func:`spread`."""
    return _Collect.apply(x, anchor, *segments)


def add_at_global(out: Tensor, x: Tensor, weight: Tensor | None, anchor: Tensor, segments: Segments) -> Tensor:
    """``out`` plus, at the global node of every clip, the weighted sum of the clip's rows of ``x``, ``[num_nodes, F]``.

    Deterministic on every device: each segment is summed in order, first within chunks of a clip, then over its chunks.
    On a CPU few nodes, or few columns, are not worth the chunks.
    """
    if torch.compiler.is_exporting():
        return out.index_add(0, anchor, x if weight is None else x * weight[:, None])
    nodes = torch.arange(x.size(0), device=x.device)
    weight = None if weight is None else weight.contiguous()
    if in_one_go(x):
        first_node = segments.chunk[segments.first_chunk]
        clips = F.embedding_bag(nodes, x.contiguous(), first_node, mode="sum", per_sample_weights=weight)
    else:
        chunks = F.embedding_bag(nodes, x.contiguous(), segments.chunk, mode="sum", per_sample_weights=weight)
        order = torch.arange(chunks.size(0), device=x.device)
        clips = F.embedding_bag(order, chunks, segments.first_chunk, mode="sum")
    return out.index_add(0, segments.global_index, clips)


def in_one_go(x: Tensor) -> bool:
    """Whether one level of sums is enough. Batches on both sides of the limit take a graph each."""
    return x.device.type == "cpu" and not torch.compiler.is_exporting() and (x.size(1) <= 2 or x.size(0) <= FEW_NODES)


class _Spread(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, anchor: Tensor, *segments: Tensor) -> Tensor:
        ctx.save_for_backward(anchor, *segments)
        return x[anchor]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple:
        anchor, *segments = ctx.saved_tensors
        return add_at_global(torch.zeros_like(grad), grad, None, anchor, Segments(*segments)), None, None, None, None


class _Collect(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, anchor: Tensor, *segments: Tensor) -> Tensor:
        ctx.save_for_backward(anchor)
        return add_at_global(torch.zeros_like(x), x, None, anchor, Segments(*segments))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple:
        (anchor,) = ctx.saved_tensors
        return grad[anchor], None, None, None, None

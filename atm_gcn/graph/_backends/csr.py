"""The weighted sum of Eq. 9 and its normalisation by sparse matrix products, for a CPU.

One product forward, one product and one sampled product backward, each a call of a library. Normalisation happens on
the cells of the table, never on features; the table is transposed, so that its rows are as long as there are nodes,
which vector instructions want.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from atm_gcn.graph._slots.pattern import WIDE, Pattern
from atm_gcn.graph._slots.table import Slots

PATTERN = ", ".join(f"Tensor {name}" for name in Pattern._fields)


def csr_pays(slots: Slots) -> bool:
    """Whether :func:`csr` can run and is fastest.

    The compiler makes faster loops of the banded sum, except for a wide window, whose code takes long to compile.
    """
    return slots.pattern is not None and (slots.window >= WIDE or not torch.compiler.is_compiling())


def csr(
    x: Tensor,
    weight: Tensor,
    slots: Slots,
    normalize: str | None = None,
    bias: Tensor | None = None,
    place: Tensor | None = None,
) -> Tensor:
    r"""Normalise the weights and sum at every node what its incoming edges carry.

    .. math::
        \mathbf{h}^{\prime}_j = \sum_i N(\mathbf{A})_{ij} \mathbf{x}_i + \mathbf{b}

    Args:
        x: ``[num_nodes, F]`` features of the sources; summed in float32 at least.
        weight: A, ``[num_nodes, 2w + 3]``, 0 where there is no edge; or ``[E]``.
        slots: The graph, with its pattern.
        normalize: ``"sym"``, ``"in"`` or None.
        bias: ``[F]``.
        place: ``[E]`` the cell of each edge in the flattened transposed table, for weights ``[E]``.

    Returns:
        ``[num_nodes, F]`` in the type of ``x``.

    Raises:
        ValueError: If the slots have no pattern, without which there are no sparse products.
    """
    if slots.pattern is None:
        raise ValueError('backend "csr" needs a CPU, a torch that was built with MKL, and a graph that was made for it')
    if x.dtype.itemsize < 4:
        bias = None if bias is None else bias.float()
        return csr(x.float(), weight, slots, normalize, bias, place).to(x.dtype)
    if place is None:
        columns = weight.t()
    else:
        columns = weight.new_zeros(slots.mask.numel()).index_copy(0, place, weight).view(slots.mask.t().shape)
    return _CSRSum.apply(x.contiguous(), columns.to(x.dtype), bias, normalize or "", slots.pattern)


class _CSRSum(torch.autograd.Function):
    # Microseconds count here: the form of setup_context binds arguments by inspect.signature, and every tensor that is
    # an argument of its own or saved is looked at by autograd, hence the pattern as one attribute.
    @staticmethod
    def forward(ctx: Any, x: Tensor, columns: Tensor, bias: Tensor | None, normalize: str, pattern: Pattern) -> Tensor:
        call = torch.ops.atm_gcn.csr_forward if torch.compiler.is_compiling() else csr_forward
        out, *factors = call(x, columns, bias, normalize, *pattern)
        ctx.save_for_backward(x, columns, *factors)
        ctx.normalize, ctx.has_bias, ctx.pattern = normalize, bias is not None, pattern
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple:
        call = torch.ops.atm_gcn.csr_backward if torch.compiler.is_compiling() else csr_backward
        grad_x, grad_columns = call(grad.contiguous(), ctx.normalize, *ctx.saved_tensors, *ctx.pattern)
        return grad_x, grad_columns, grad.sum(0) if ctx.has_bias else None, None, None


def csr_forward(
    x: Tensor, columns: Tensor, bias: Tensor | None, normalize: str, *pattern: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The sum ``[N, F]``; N(A); the factors 1 / sqrt(degree) or 1 / degree of nodes, in before out; those of cells."""
    pattern = Pattern(*pattern)
    alpha, root, scale = columns.new_empty(columns.shape), columns.new_empty(0), columns.new_empty(0)
    if normalize:
        window = (len(columns) - 3) // 2
        root = over_nodes(torch.abs(columns, out=alpha), pattern, normalize)
        root = root.rsqrt_() if normalize == "sym" else root.reciprocal_()
        root = root.nan_to_num_(posinf=0.0)  # a node of degree 0 gives and receives nothing
        scale = over_cells(root, pattern, window, torch.mul)
        torch.mul(columns, scale, out=alpha)
    else:
        alpha.copy_(columns)
    out = product(matrix(alpha.view(-1).index_select(0, pattern.cell[0]), pattern), x)
    return out if bias is None else out.add_(bias), alpha, root, scale


def csr_backward(
    grad: Tensor,
    normalize: str,
    x: Tensor,
    columns: Tensor,
    alpha: Tensor,
    root: Tensor,
    scale: Tensor,
    *pattern: Tensor,
) -> tuple[Tensor, Tensor]:
    """The gradients of ``x`` and ``columns``.

    A weight acts through its own edge and, by ``|A|``, through the degrees that it is part of: d alpha / d degree is
    -alpha / (2 degree) for "sym" and -alpha / degree for "in".
    """
    pattern = Pattern(*pattern)
    transposed = matrix(alpha.view(-1).index_select(0, pattern.cell[1]), pattern)
    grad_x = product(transposed, grad)
    grad_alpha = row_products(grad, x, transposed).index_select(0, pattern.entry).view_as(alpha)
    if not normalize:
        return grad_x, grad_alpha
    by_degree, factor = over_nodes(grad_alpha * alpha, pattern, normalize).mul_(root), -1.0
    if normalize == "sym":
        by_degree, factor = by_degree.mul_(root), -0.5
    by_degree = over_cells(by_degree, pattern, (len(columns) - 3) // 2, torch.add)
    return grad_x, grad_alpha.mul_(scale).addcmul_(columns.sign(), by_degree, value=factor)


def _shapes(columns: Tensor, normalize: str) -> list[tuple[int, ...]]:
    """Of what :func:`csr_forward` keeps for the backward pass."""
    places, num_nodes = columns.shape
    if not normalize:
        return [(places, num_nodes), (0,), (0,)]
    return [(places, num_nodes), (2 if normalize == "sym" else 1, num_nodes), (places, num_nodes)]


def matrix(value: Tensor, pattern: Pattern) -> Tensor:
    """The sparse matrix with these entries."""
    size = (pattern.row.numel() - 1,) * 2
    return torch.sparse_csr_tensor(pattern.row, pattern.column, value, size, check_invariants=False)


def product(matrix: Tensor, x: Tensor) -> Tensor:
    """A sparse matrix times features, also under autocast: MKL has no product in bfloat16.

    In place, since ``matrix @ x`` fills its result with zeros and copies it before it computes.
    """
    out = torch.empty_like(x)
    if not torch.is_autocast_enabled("cpu"):
        return out.addmm_(matrix, x, beta=0)
    with torch.autocast("cpu", enabled=False):
        return out.addmm_(matrix, x, beta=0)


def row_products(grad: Tensor, x: Tensor, pattern: Tensor) -> Tensor:
    """``[N K]`` <grad_j, x_i> of every entry, written over the values of ``pattern``."""
    short = pattern.values().numel() // x.size(0) - x.size(0)
    if short > 0:  # fewer nodes than slots: torch wants no more entries than a dense matrix has
        x = torch.nn.functional.pad(x, (0, 0, 0, short))
        parts, size = (pattern.crow_indices(), pattern.col_indices(), pattern.values()), (grad.size(0), x.size(0))
        pattern = torch.sparse_csr_tensor(*parts, size, check_invariants=False)
    return torch.sparse.sampled_addmm(pattern, grad, x.t(), beta=0, out=pattern).values()


def over_nodes(columns: Tensor, pattern: Pattern, normalize: str) -> Tensor:
    """``[1 or 2, N]`` sums of the cells that arrive at each node and, if the normalisation needs both, that leave it.

    Args:
        columns: ``[K, N]``, 0 where there is no edge.
        pattern: Of the graph.
        normalize: ``"sym"`` or ``"in"``.
    """
    places, num_nodes = columns.shape
    window = (places - 3) // 2
    near = torch.nn.functional.pad(columns[:-2], (window, window))
    # What arrives at node j lies in the columns j - w to j + w, one slot less in each.
    sums = near.as_strided((places - 2, num_nodes), (near.size(1) - 1, 1), 2 * window).sum(0)[None]
    sums[0] += columns[-1]
    if normalize == "sym":
        sums = torch.cat([sums, columns[:-1].sum(0)[None]])
    for total, far in zip(sums, (columns[-2], columns[-1]), strict=False):
        total.index_add_(0, pattern.hub, torch.segment_reduce(far, "sum", offsets=pattern.clip))
    return sums


def over_cells(nodes: Tensor, pattern: Pattern, window: int, combine: Callable[..., Tensor]) -> Tensor:
    """``[K, N]`` what belongs to each cell's destination, combined with what belongs to its source if there is both.

    Args:
        nodes: ``[1 or 2, N]``.
        pattern: Of the graph.
        window: w.
        combine: :func:`torch.mul` or :func:`torch.add`.
    """
    num_nodes = nodes.size(1)
    cells, at_hub = nodes.new_empty(2 * window + 3, num_nodes), nodes.index_select(1, pattern.anchor)
    near = torch.nn.functional.pad(nodes[0], (window, window)).as_strided((2 * window + 1, num_nodes), (1, 1))
    if len(nodes) == 1:
        cells[:-2], cells[-2], cells[-1] = near, at_hub[0], nodes[0]
        return cells
    combine(near, nodes[1], out=cells[:-2])
    combine(at_hub[0], nodes[1], out=cells[-2])
    combine(nodes[0], at_hub[1], out=cells[-1])
    return cells


torch.library.define(
    "atm_gcn::csr_forward",
    f"(Tensor x, Tensor columns, Tensor? bias, str normalize, {PATTERN}) -> (Tensor, Tensor, Tensor, Tensor)",
)
torch.library.define(
    "atm_gcn::csr_backward",
    "(Tensor grad, str normalize, Tensor x, Tensor columns, Tensor alpha, Tensor root, Tensor scale, "
    f"{PATTERN}) -> (Tensor, Tensor)",
)
torch.library.impl("atm_gcn::csr_forward", "CPU", csr_forward)
torch.library.impl("atm_gcn::csr_backward", "CPU", csr_backward)


@torch.library.register_fake("atm_gcn::csr_forward")
def _(x: Tensor, columns: Tensor, bias: Tensor | None, normalize: str, *pattern: Tensor) -> tuple[Tensor, ...]:
    return torch.empty_like(x), *(columns.new_empty(shape) for shape in _shapes(columns, normalize))


@torch.library.register_fake("atm_gcn::csr_backward")
def _(grad: Tensor, normalize: str, x: Tensor, columns: Tensor, *saved: Tensor) -> tuple[Tensor, Tensor]:
    return torch.empty_like(x), columns.new_empty(columns.shape)

"""The weighted sum of Eq. 9 and its normalisation by sparse matrix products, for a CPU.

One product forward, one product and one sampled product backward, each a call of a library: small batches, whose time
goes into calls, gain most. Normalisation happens on the cells of the table, never on features.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from atm_gcn.graph._slots.pattern import Pattern
from atm_gcn.graph._slots.table import Slots

WIDE = 8
PATTERN = ", ".join(f"Tensor {name}" for name in Pattern._fields)


def csr_pays(slots: Slots) -> bool:
    """Whether :func:`csr` can run and is fastest.

    The compiler makes faster loops of the banded sum, except for a wide window, whose code takes long to compile.
    """
    return slots.pattern is not None and (slots.window >= WIDE or not torch.compiler.is_compiling())


def csr(x: Tensor, table: Tensor, slots: Slots, normalize: str | None = None, bias: Tensor | None = None) -> Tensor:
    r"""Normalise the weights and sum at every node what its incoming edges carry.

    .. math::
        \mathbf{h}^{\prime}_j = \sum_i N(\mathbf{A})_{ij} \mathbf{x}_i + \mathbf{b}

    Args:
        x: ``[num_nodes, F]`` features of the sources; summed in float32 at least.
        table: ``[num_nodes, 2w + 3]`` weights A, 0 where there is no edge.
        slots: The graph, with its pattern.
        normalize: ``"sym"``, ``"in"`` or None.
        bias: ``[F]``.

    Returns:
        ``[num_nodes, F]`` in the type of ``x``.

    Raises:
        ValueError: If the slots have no pattern, without which there are no sparse products.
    """
    if slots.pattern is None:
        raise ValueError('backend "csr" needs a CPU and a torch that was built with MKL')
    if x.dtype.itemsize < 4:
        bias = None if bias is None else bias.float()
        return csr(x.float(), table, slots, normalize, bias).to(x.dtype)
    return _CSRSum.apply(x.contiguous(), table.to(x.dtype).contiguous(), bias, normalize or "", slots.pattern)


class _CSRSum(torch.autograd.Function):
    # Microseconds count here: the form of setup_context binds arguments by inspect.signature, and every tensor that is
    # an argument of its own or saved is looked at by autograd, hence the pattern as one attribute.
    @staticmethod
    def forward(ctx: Any, x: Tensor, table: Tensor, bias: Tensor | None, normalize: str, pattern: Pattern) -> Tensor:
        call = torch.ops.atm_gcn.csr_forward if torch.compiler.is_compiling() else csr_forward
        out, *factors = call(x, table, bias, normalize, *pattern)
        ctx.save_for_backward(x, table, *factors)
        ctx.normalize, ctx.has_bias, ctx.pattern = normalize, bias is not None, pattern
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple:
        call = torch.ops.atm_gcn.csr_backward if torch.compiler.is_compiling() else csr_backward
        grad_x, grad_table = call(grad.contiguous(), ctx.normalize, *ctx.saved_tensors, *ctx.pattern)
        return grad_x, grad_table, grad.sum(0) if ctx.has_bias else None, None, None


def csr_forward(
    x: Tensor, table: Tensor, bias: Tensor | None, normalize: str, *pattern: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The sum ``[N, F]``; the factors 1 / sqrt(degree) or 1 / degree of nodes, in before out; those of cells."""
    pattern = Pattern(*pattern)
    alpha, root, scale = table.view(-1), table.new_empty(0), table.new_empty(0)
    if normalize:
        root = over_rows(alpha.abs(), pattern, normalize)
        root = root.rsqrt_() if normalize == "sym" else root.reciprocal_()
        root = root.nan_to_num_(posinf=0.0)  # a node of degree 0 gives and receives nothing
        scale = per_cell(root, pattern, normalize).prod(0)
        alpha = alpha * scale
    out = product(matrix(alpha.index_select(0, pattern.cell[0]), pattern), x)
    return out if bias is None else out.add_(bias), root, scale


def csr_backward(
    grad: Tensor, normalize: str, x: Tensor, table: Tensor, root: Tensor, scale: Tensor, *pattern: Tensor
) -> tuple[Tensor, Tensor]:
    """The gradients of ``x`` and ``table``.

    A weight acts through its own edge and, by ``|A|``, through the degrees that it is part of: d alpha / d degree is
    -alpha / (2 degree) for "sym" and -alpha / degree for "in".
    """
    pattern, cells = Pattern(*pattern), table.view(-1)
    alpha = cells * scale if normalize else cells
    transposed = matrix(alpha.index_select(0, pattern.cell[1]), pattern)
    grad_x = product(transposed, grad)
    grad_alpha = row_products(grad, x, transposed).index_select(0, pattern.entry)
    if not normalize:
        return grad_x, grad_alpha.view_as(table)
    by_degree = over_rows(grad_alpha * alpha, pattern, normalize).mul_(root)
    if normalize == "sym":
        by_degree = by_degree.mul_(root).mul_(0.5)
    by_degree = per_cell(by_degree, pattern, normalize).sum(0)
    return grad_x, grad_alpha.mul_(scale).addcmul_(cells.sign(), by_degree, value=-1).view_as(table)


def matrix(value: Tensor, pattern: Pattern) -> Tensor:
    """The sparse matrix with these entries."""
    size = (pattern.row.numel() - 1,) * 2
    return torch.sparse_csr_tensor(pattern.row, pattern.column, value, size, check_invariants=False)


def product(matrix: Tensor, x: Tensor) -> Tensor:
    """A sparse matrix times features, also under autocast: MKL has no product in bfloat16."""
    if not torch.is_autocast_enabled("cpu"):
        return matrix @ x
    with torch.autocast("cpu", enabled=False):
        return matrix @ x


def row_products(grad: Tensor, x: Tensor, pattern: Tensor) -> Tensor:
    """``[N K]`` <grad_j, x_i> of every entry, written over the values of ``pattern``."""
    short = pattern.values().numel() // x.size(0) - x.size(0)
    if short > 0:  # fewer nodes than slots: torch wants no more entries than a dense matrix has
        x = torch.nn.functional.pad(x, (0, 0, 0, short))
        parts, size = (pattern.crow_indices(), pattern.col_indices(), pattern.values()), (grad.size(0), x.size(0))
        pattern = torch.sparse_csr_tensor(*parts, size, check_invariants=False)
    return torch.sparse.sampled_addmm(pattern, grad, x.t(), beta=0, out=pattern).values()


def over_rows(cells: Tensor, pattern: Pattern, normalize: str) -> Tensor:
    """Sum per node over the cells that arrive, then over those that leave if the normalisation needs both."""
    order, row = pattern.cell.view(-1), pattern.degree_row
    if normalize == "in":
        order, row = pattern.cell[0], row[: pattern.row.numel()]
    return torch.segment_reduce(cells.index_select(0, order), "sum", offsets=row, axis=0)


def per_cell(degree: Tensor, pattern: Pattern, normalize: str) -> Tensor:
    """``[1 or 2, N K]`` what belongs to each cell's destination and, if the normalisation needs both, to its source."""
    nodes = pattern.degree[:1] if normalize == "in" else pattern.degree
    return degree.index_select(0, nodes.view(-1)).view(nodes.shape)


torch.library.define(
    "atm_gcn::csr_forward",
    f"(Tensor x, Tensor table, Tensor? bias, str normalize, {PATTERN}) -> (Tensor, Tensor, Tensor)",
)
torch.library.define(
    "atm_gcn::csr_backward",
    f"(Tensor grad, str normalize, Tensor x, Tensor table, Tensor root, Tensor scale, {PATTERN}) -> (Tensor, Tensor)",
)
torch.library.impl("atm_gcn::csr_forward", "CPU", csr_forward)
torch.library.impl("atm_gcn::csr_backward", "CPU", csr_backward)


@torch.library.register_fake("atm_gcn::csr_forward")
def _(x: Tensor, table: Tensor, bias: Tensor | None, normalize: str, *pattern: Tensor) -> tuple[Tensor, ...]:
    sides = {"": 0, "in": 1, "sym": 2}[normalize]
    return torch.empty_like(x), table.new_empty(sides * x.size(0)), table.new_empty(table.numel() if normalize else 0)


@torch.library.register_fake("atm_gcn::csr_backward")
def _(grad: Tensor, normalize: str, x: Tensor, table: Tensor, *saved: Tensor) -> tuple[Tensor, Tensor]:
    return torch.empty_like(x), torch.empty_like(table)

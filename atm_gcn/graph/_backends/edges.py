"""Normalisation of edge weights, and the weighted sum by messages or by torch-scatter."""

from torch import Tensor
from torch_geometric.index import index2ptr
from torch_geometric.nn.conv import MessagePassing
from torch_geometric.utils import scatter

from atm_gcn.errors import require
from atm_gcn.graph._backends.degree import inverse, inverse_root


def normalize_edges(weight: Tensor, edge_index: Tensor, num_nodes: int, normalize: str | None) -> Tensor:
    r"""N(A) of Eq. 9 for ``[E]`` weights, or ``[E, heads]``, per head.

    ``"sym"`` divides by :math:`\sqrt{d^{out}_i d^{in}_j}`, ``"in"`` by :math:`d^{in}_j`, None leaves A as it is.
    Degrees are sums of ``|A|``; a node of degree 0 gives and receives nothing.
    """
    if normalize is None:
        return weight
    source, destination = edge_index
    in_degree = scatter(weight.abs(), destination, dim_size=num_nodes)
    if normalize == "in":
        return weight * inverse(in_degree)[destination]
    out_degree = scatter(weight.abs(), source, dim_size=num_nodes)
    return weight * inverse_root(out_degree)[source] * inverse_root(in_degree)[destination]


class WeightedMessages(MessagePassing):
    """Base class of layers whose messages are the features of the sources times edge weights."""

    def _send(self, edge_index: Tensor, x: Tensor, alpha: Tensor) -> Tensor:
        # propagate_type: (x: Tensor, alpha: Tensor)
        return self.propagate(edge_index, x=x, alpha=alpha)

    def message(self, x_j: Tensor, alpha: Tensor) -> Tensor:
        return weighted(x_j, alpha)


def segment_sum(edge_index: Tensor, x: Tensor, alpha: Tensor) -> Tensor:
    """The weighted sum by torch-scatter's ``segment_csr``: in a fixed order on every device.

    Args:
        edge_index: ``[2, E]``; sorted by destination if it is not.
        x: ``[num_nodes, F]`` features of the sources.
        alpha: ``[E]`` or ``[E, heads]`` normalised weights.

    Raises:
        ATMGCNError: If torch-scatter is not installed.
    """
    torch_scatter = require("torch_scatter", "scatter", 'backend "scatter"')
    source, destination = edge_index
    if (destination.diff() < 0).any():
        destination, order = destination.sort(stable=True)
        source, alpha = source[order], alpha[order]
    return torch_scatter.segment_csr(weighted(x[source], alpha), index2ptr(destination, x.size(0)), reduce="sum")


def weighted(x_j: Tensor, alpha: Tensor) -> Tensor:
    """Messages ``[E, F]`` times weights ``[E]``, or ``[E, heads]``, each for its own group of channels."""
    heads = alpha.size(1) if alpha.dim() == 2 else 1
    return (alpha.to(x_j.dtype).view(-1, heads, 1) * x_j.unflatten(-1, (heads, -1))).flatten(1)

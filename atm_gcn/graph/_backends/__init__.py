"""Ways to compute the weighted sum of Eq. 9, one per module; all agree in value and gradient.

A backend over slots is a function ``(x, table, slots, normalize, bias)`` in :data:`SLOT_SUMS`; one over edges is a
function ``(edge_index, x, alpha)`` of normalised weights in :data:`EDGE_SUMS`. Their names stand in
:mod:`atm_gcn.defaults`. All return ``[num_nodes, F]`` in the type of ``x``.
"""

from collections.abc import Callable

from torch import Tensor

from atm_gcn.defaults import EdgeBackend, SlotBackend
from atm_gcn.graph._backends.banded import banded
from atm_gcn.graph._backends.csr import csr, csr_pays
from atm_gcn.graph._backends.edges import segment_sum
from atm_gcn.graph._slots.table import Slots

Propagate = Callable[[Tensor, Tensor, Tensor], Tensor]
EDGE_SUMS: dict[EdgeBackend, Propagate] = {"scatter": segment_sum}  # "edges" is the propagate of the layer itself
SLOT_SUMS: dict[SlotBackend, Callable[[Tensor, Tensor, Slots, str | None, Tensor | None], Tensor]] = {
    "banded": banded,
    "csr": csr,
}


def fastest(slots: Slots) -> SlotBackend:
    """What ``backend="auto"`` picks for these slots."""
    return "csr" if csr_pays(slots) else "banded"

"""Ways to compute the weighted sum of Eq. 9, one per module; all agree in value and gradient.

A backend over slots is a function ``(x, table, slots, normalize, bias)`` in :data:`SLOT_SUMS`; one over edges is a
function ``(x, weight, edge_index, normalize, bias, propagate)`` in :data:`EDGE_SUMS`. Their names stand in
:mod:`atm_gcn.defaults`. All return ``[num_nodes, F]`` in the type of ``x``.
"""

from collections.abc import Callable

from torch import Tensor

from atm_gcn.defaults import EdgeBackend, SlotBackend
from atm_gcn.graph._backends.banded import banded
from atm_gcn.graph._backends.csr import csr, csr_pays
from atm_gcn.graph._backends.edges import messages, segment_csr
from atm_gcn.graph._slots.table import Slots

Propagate = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Sends messages: ``edge_index``, features ``x`` and normalised weights ``alpha`` to ``[num_nodes, F]``."""

EDGE_SUMS: dict[EdgeBackend, Callable[[Tensor, Tensor, Tensor, str | None, Tensor | None, Propagate], Tensor]] = {
    "edges": messages,
    "scatter": segment_csr,
}
SLOT_SUMS: dict[SlotBackend, Callable[[Tensor, Tensor, Slots, str | None, Tensor | None], Tensor]] = {
    "banded": banded,
    "csr": csr,
}


def fastest(slots: Slots) -> SlotBackend:
    """What ``backend="auto"`` picks for these slots."""
    return "csr" if csr_pays(slots) else "banded"

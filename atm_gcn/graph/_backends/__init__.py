"""Ways to compute the weighted sum of Eq. 9, one per module; all agree in value and gradient.

A backend over slots is a function ``(x, weight, slots, normalize, bias, place)`` in :data:`SLOT_SUMS`; ``weight`` is
``[num_nodes, 2w + 3]``, 0 where there is no edge, or ``[E]`` with the ``place`` of each edge in the form of the table
that the backend reads. One over edges is a function ``(edge_index, x, alpha)`` of normalised weights in
:data:`EDGE_SUMS`. Their names stand in :mod:`atm_gcn.defaults`. All return ``[num_nodes, F]`` in the type of ``x``.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from atm_gcn.defaults import EdgeBackend, SlotBackend
from atm_gcn.graph._backends.banded import banded
from atm_gcn.graph._backends.blocks import blocks
from atm_gcn.graph._backends.csr import csr, csr_pays
from atm_gcn.graph._backends.edges import segment_sum
from atm_gcn.graph._slots.table import Slots

Propagate = Callable[[Tensor, Tensor, Tensor], Tensor]
EDGE_SUMS: dict[EdgeBackend, Propagate] = {"scatter": segment_sum}  # "edges" is the propagate of the layer itself
SlotSum = Callable[[Tensor, Tensor, Slots, str | None, Tensor | None, Tensor | None], Tensor]
SLOT_SUMS: dict[SlotBackend, SlotSum] = {
    "banded": banded,
    "csr": csr,
    "blocks": blocks,
}


def fastest(slots: Slots) -> SlotBackend:
    """What ``backend="auto"`` picks for these slots."""
    if slots.blocks is not None and not torch.compiler.is_compiling():
        return "blocks"
    return "csr" if csr_pays(slots) else "banded"

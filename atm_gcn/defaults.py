"""Defaults that layers and settings share, and the names of the backends."""

from typing import Literal, get_args

TAU = 10.0
"""Frames over which an edge weight falls by a factor e (Eq. 7)."""
LAMBDA_LOCAL, LAMBDA_GLOBAL = 0.5, 1.0
"""Factor of edges out of local nodes and out of global nodes (Eq. 8)."""
FORGETTING_RATE = 0.5
"""f_l of Eq. 10."""
HEADS = 4
"""Attention heads of the readout (Eq. 11)."""

EdgeBackend = Literal["edges", "scatter"]
SlotBackend = Literal["banded", "csr"]
Backend = Literal["auto", EdgeBackend, SlotBackend]
"""Ways to compute the weighted sum of Eq. 9; :mod:`atm_gcn.graph._backends` has one module for each."""
EDGE_BACKENDS: tuple[EdgeBackend, ...] = get_args(EdgeBackend)
SLOT_BACKENDS: tuple[SlotBackend, ...] = get_args(SlotBackend)
BACKENDS: tuple[Backend, ...] = ("auto", *EDGE_BACKENDS, *SLOT_BACKENDS)

"""Defaults that layers and settings share, and the names that both accept."""

from typing import Literal, get_args

TAU = 10.0
"""Frames over which an edge weight falls by a factor e (Eq. 7)."""
LAMBDA_LOCAL, LAMBDA_GLOBAL = 0.5, 1.0
"""Factor of edges out of local nodes and out of global nodes (Eq. 8)."""
FORGETTING_RATE = 0.5
"""f_l of Eq. 10."""
HEADS = 4
"""Attention heads of the readout (Eq. 11)."""
EXACT_NODES = 4096
"""Nodes of a clip up to which every node attends to every other in the readout."""
ATTENTION_WINDOW = 64
"""Nodes on each side to which a node of a longer clip attends."""

LayerForm = Literal["plain", "residual", "gcnii"]
"""The forms of a TM-GCN layer; see :class:`~atm_gcn.graph.stack.TMGCNStack`."""
Start = Literal["identity", "difference", "mixed"]
"""Where FC of Eq. 10 starts; see :class:`~atm_gcn.graph.AdaptiveTM`."""
Pooling = Literal["mean", "max", "attention", "apex", "mean-apex"]
"""How the nodes of a clip are pooled; see :class:`~atm_gcn.graph.AttentionReadout`."""
Normalization = Literal["sym", "in"]
"""Degree normalisation of Eq. 9, beside none; see :class:`~atm_gcn.TMGCNConv`."""
LAYERS: tuple[LayerForm, ...] = get_args(LayerForm)
STARTS: tuple[Start, ...] = get_args(Start)
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)
NORMALIZATIONS: tuple[Normalization | None, ...] = (*get_args(Normalization), None)

EdgeBackend = Literal["edges", "scatter"]
SlotBackend = Literal["banded", "csr", "blocks"]
Backend = Literal["auto", EdgeBackend, SlotBackend]
"""Ways to compute the weighted sum of Eq. 9; :mod:`atm_gcn.graph._backends` has one module for each."""
EDGE_BACKENDS: tuple[EdgeBackend, ...] = get_args(EdgeBackend)
SLOT_BACKENDS: tuple[SlotBackend, ...] = get_args(SlotBackend)
BACKENDS: tuple[Backend, ...] = ("auto", *EDGE_BACKENDS, *SLOT_BACKENDS)

Budget = Literal["authors", "equal"]
"""With what settings a peer is trained; see :func:`~atm_gcn.training.settings.requested`."""
BUDGETS: tuple[Budget, ...] = get_args(Budget)

Kind = Literal["micro", "macro"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""Kinds of expressions: micro-expressions last half a second and are hardly visible, macro-expressions are neither."""

Task = Literal["emotion", "action-units"]
TASKS: tuple[Task, ...] = get_args(Task)
"""What a model predicts: one class per clip, or which of several facial action units are present in it."""
LEAST_UNIT_CLIPS = 10
"""Training clips with an action unit, below which it is not learnt."""
THRESHOLD = 0.5
"""Probability above which an action unit is predicted."""

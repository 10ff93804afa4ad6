"""The table of edges behind :class:`~atm_gcn.graph.SlotGraph`: slots, sums over clips, and the sparse matrix."""

"""Section III.B of the paper: the temporal graph, its weights and its layers."""

from atm_gcn.graph.adaptive_tm import AdaptiveTM
from atm_gcn.graph.base import Graph
from atm_gcn.graph.dense import DenseTMGCNConv, dense_temporal_motion_weight
from atm_gcn.graph.edge_graph import EdgeGraph
from atm_gcn.graph.gcnii_conv import GCNIIConv
from atm_gcn.graph.readout import AttentionReadout
from atm_gcn.graph.slot_graph import SlotGraph
from atm_gcn.graph.tm_gcn_conv import TMGCNConv
from atm_gcn.graph.topology import Topology, build_topology
from atm_gcn.graph.weighting import temporal_motion_weight

__all__ = [
    "AdaptiveTM",
    "AttentionReadout",
    "DenseTMGCNConv",
    "EdgeGraph",
    "GCNIIConv",
    "Graph",
    "SlotGraph",
    "TMGCNConv",
    "Topology",
    "build_topology",
    "dense_temporal_motion_weight",
    "temporal_motion_weight",
]

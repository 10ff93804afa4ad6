"""Optical flow between two pictures of a clip, its strain, and both as the three channels that a model reads."""

from atm_gcn.media.optical_flow.algorithms import METHODS, check_method, optical_flow
from atm_gcn.media.optical_flow.recognition import looks_like_flow
from atm_gcn.media.optical_flow.strain import strain
from atm_gcn.media.optical_flow.view import flow_from_picture, flow_view

__all__ = [
    "METHODS",
    "check_method",
    "flow_from_picture",
    "flow_view",
    "looks_like_flow",
    "optical_flow",
    "strain",
]

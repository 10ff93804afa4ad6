"""Spotting: brief movements in videos of any length are found, and then classified."""

from atm_gcn.inference.spotting.spotter import Spotter
from atm_gcn.inference.spotting.spotting import Candidate, Spotting, WindowPrediction, is_long, spot

__all__ = ["Candidate", "Spotter", "Spotting", "WindowPrediction", "is_long", "spot"]

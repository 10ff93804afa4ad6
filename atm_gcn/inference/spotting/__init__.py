"""Spotting: brief movements in videos of any length are found, and then classified."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.inference.spotting.long_recordings import is_long, is_searched
    from atm_gcn.inference.spotting.result import Candidate, Spotting, WindowPrediction
    from atm_gcn.inference.spotting.spotter import Spotter
    from atm_gcn.inference.spotting.spotting import spot

__all__ = ["Candidate", "Spotter", "Spotting", "WindowPrediction", "is_long", "is_searched", "spot"]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Candidate": "result",
        "Spotter": "spotter",
        "Spotting": "result",
        "WindowPrediction": "result",
        "is_long": "long_recordings",
        "is_searched": "long_recordings",
        "spot": "spotting",
    },
)

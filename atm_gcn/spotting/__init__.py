"""Spotting by people held out: spotters are fitted to annotated long videos, and what they find is classified."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.spotting.chain import spot_and_recognise
    from atm_gcn.spotting.graph_spotter import GraphSpotter, SpotterSize
    from atm_gcn.spotting.long_videos import micro_clips
    from atm_gcn.spotting.motion import VideoMotion, measure_video
    from atm_gcn.spotting.results import SpottingResults
    from atm_gcn.spotting.training import SpotterTraining

__all__ = [
    "GraphSpotter",
    "SpotterSize",
    "SpotterTraining",
    "SpottingResults",
    "VideoMotion",
    "measure_video",
    "micro_clips",
    "spot_and_recognise",
]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "GraphSpotter": "graph_spotter",
        "SpotterSize": "graph_spotter",
        "SpotterTraining": "training",
        "SpottingResults": "results",
        "VideoMotion": "motion",
        "measure_video": "motion",
        "micro_clips": "long_videos",
        "spot_and_recognise": "chain",
    },
)

"""Subject-independent spotting: spotters are fitted to annotated long videos, and what they find is classified."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.spotting.candidates import Candidate, SpotterSettings, by_scores, by_threshold, choose_settings
    from atm_gcn.spotting.chain import spot_and_recognise
    from atm_gcn.spotting.fitted import FittedSpotters
    from atm_gcn.spotting.graph_spotter import GraphSpotter, SpotterSize
    from atm_gcn.spotting.held_out.spotters import load_spotter, save_spotter
    from atm_gcn.spotting.long_videos import micro_clips
    from atm_gcn.spotting.motion import VideoMotion, measure_video
    from atm_gcn.spotting.results import SpottingResults
    from atm_gcn.spotting.training import SpotterTraining, frame_scores, train_spotter
    from atm_gcn.spotting.windows import windows_of

__all__ = [
    "Candidate",
    "FittedSpotters",
    "GraphSpotter",
    "SpotterSettings",
    "SpotterSize",
    "SpotterTraining",
    "SpottingResults",
    "VideoMotion",
    "by_scores",
    "by_threshold",
    "choose_settings",
    "frame_scores",
    "load_spotter",
    "measure_video",
    "micro_clips",
    "save_spotter",
    "spot_and_recognise",
    "train_spotter",
    "windows_of",
]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Candidate": "candidates",
        "FittedSpotters": "fitted",
        "GraphSpotter": "graph_spotter",
        "SpotterSettings": "candidates",
        "SpotterSize": "graph_spotter",
        "SpotterTraining": "training",
        "SpottingResults": "results",
        "VideoMotion": "motion",
        "by_scores": "candidates",
        "by_threshold": "candidates",
        "choose_settings": "candidates",
        "frame_scores": "training",
        "load_spotter": "held_out.spotters",
        "measure_video": "motion",
        "micro_clips": "long_videos",
        "save_spotter": "held_out.spotters",
        "spot_and_recognise": "chain",
        "train_spotter": "training",
        "windows_of": "windows",
    },
)

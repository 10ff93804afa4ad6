"""Synthetic clips: drawn faces whose muscles move, with the disturbances of a recording and a known truth."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.synth.camera import DIFFICULTIES, Recording
    from atm_gcn.synth.dataset import synthesize
    from atm_gcn.synth.lively import Liveliness
    from atm_gcn.synth.long_dataset import synthesize_long_dataset
    from atm_gcn.synth.long_video import synthesize_long
    from atm_gcn.synth.movement import Bump, moved_region, movement_field
    from atm_gcn.synth.truth import load_truth

__all__ = [
    "DIFFICULTIES",
    "Bump",
    "Liveliness",
    "Recording",
    "load_truth",
    "moved_region",
    "movement_field",
    "synthesize",
    "synthesize_long",
    "synthesize_long_dataset",
]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Bump": "movement",
        "DIFFICULTIES": "camera",
        "Liveliness": "lively",
        "Recording": "camera",
        "load_truth": "truth",
        "moved_region": "movement",
        "movement_field": "movement",
        "synthesize": "dataset",
        "synthesize_long": "long_video",
        "synthesize_long_dataset": "long_dataset",
    },
)

"""Trained models on recordings that nobody annotated: one clip, many, or a video of any length."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.inference.batch import predict_many
    from atm_gcn.inference.clip import predict_recording, predict_store
    from atm_gcn.inference.ensemble import Ensemble
    from atm_gcn.inference.sources import is_store
    from atm_gcn.inference.spotting.spotting import Spotting, spot

__all__ = [
    "Ensemble",
    "Spotting",
    "is_store",
    "predict_many",
    "predict_recording",
    "predict_store",
    "spot",
]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Ensemble": "ensemble",
        "Spotting": "spotting.spotting",
        "is_store": "sources",
        "predict_many": "batch",
        "predict_recording": "clip",
        "predict_store": "clip",
        "spot": "spotting.spotting",
    },
)

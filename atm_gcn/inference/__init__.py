"""Prediction on recordings without annotations: one clip, many sources, or a video of any length."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.inference.batch import PredictOptions, predict_many
    from atm_gcn.inference.clip import predict_recording, predict_store
    from atm_gcn.inference.ensemble import Ensemble
    from atm_gcn.inference.model_info import describe_model
    from atm_gcn.inference.prediction import Prediction
    from atm_gcn.inference.sources import is_store
    from atm_gcn.inference.spotting import Spotting, WindowPrediction, spot
    from atm_gcn.inference.video import predict_video

__all__ = [
    "Ensemble",
    "PredictOptions",
    "Prediction",
    "Spotting",
    "WindowPrediction",
    "describe_model",
    "is_store",
    "predict_many",
    "predict_recording",
    "predict_store",
    "predict_video",
    "spot",
]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Ensemble": "ensemble",
        "PredictOptions": "batch",
        "Prediction": "prediction",
        "Spotting": "spotting",
        "WindowPrediction": "spotting",
        "describe_model": "model_info",
        "is_store": "sources",
        "predict_many": "batch",
        "predict_recording": "clip",
        "predict_store": "clip",
        "predict_video": "video",
        "spot": "spotting",
    },
)

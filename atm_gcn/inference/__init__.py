"""Prediction on recordings without annotations: one clip, many sources, or a video of any length."""

from atm_gcn.inference.batch import PredictOptions, predict_many
from atm_gcn.inference.clip import predict_recording, predict_store
from atm_gcn.inference.ensemble import Ensemble
from atm_gcn.inference.model_info import describe_model
from atm_gcn.inference.sources import is_store
from atm_gcn.inference.spotting import Spotting, WindowPrediction, spot

__all__ = [
    "Ensemble",
    "PredictOptions",
    "Spotting",
    "WindowPrediction",
    "describe_model",
    "is_store",
    "predict_many",
    "predict_recording",
    "predict_store",
    "spot",
]

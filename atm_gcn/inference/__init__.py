"""Trained models on recordings that nobody annotated: one clip, many, or a video of any length."""

from atm_gcn.inference.predicting import is_store, predict_recording, predict_store
from atm_gcn.inference.spotting import Spotting, spot

__all__ = ["Spotting", "is_store", "predict_recording", "predict_store", "spot"]

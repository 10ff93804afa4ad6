"""Trained models on recordings that nobody annotated: one clip, many, or a video of any length."""

import importlib
from typing import Any

_HOMES = {
    "Spotting": "spotting",
    "is_store": "sources",
    "predict_many": "many",
    "predict_recording": "predicting",
    "predict_store": "predicting",
    "spot": "spotting",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a public name on first use: finding movements needs no torch."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__

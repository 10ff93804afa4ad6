"""Synthetic clips: drawn faces on which muscles move, with every nuisance of a recording and a known truth."""

import importlib
from typing import Any

_HOMES = {
    "Bump": "movement",
    "DIFFICULTIES": "recording",
    "Recording": "recording",
    "load_truth": "truth",
    "moved_region": "movement",
    "movement_field": "movement",
    "synthesize": "dataset",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a public name on first use: the command line reads the limits of an argument without cv2."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__

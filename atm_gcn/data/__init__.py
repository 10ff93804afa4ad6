"""From annotation files to batches: clips, manifest, frame store, dataset."""

import importlib
from typing import Any

_HOMES = {
    "Clip": "clip",
    "Problem": "clip",
    "FrameStore": "store",
    "MERDataset": "dataset",
    "collate_clips": "collate",
    "dataset_clips": "annotations.ondisk",
    "load_manifest": "manifest",
    "write_manifest": "manifest",
    "prepare": "preparation",
    "read_annotations": "annotations",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a public name on first use: only decoding needs cv2, only the dataset needs torch."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__

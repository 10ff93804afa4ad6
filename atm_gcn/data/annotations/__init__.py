"""Published annotation tables, read as they are: every row becomes a clip or a problem."""

from typing import Any

from atm_gcn.data.annotations.read import read_annotations
from atm_gcn.data.annotations.spec import DATASETS

__all__ = ["DATASETS", "dataset_clips", "read_annotations"]


def __getattr__(name: str) -> Any:
    """Import what needs cv2, which looks at frames, on first use."""
    if name != "dataset_clips":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from atm_gcn.data.annotations.on_disk import dataset_clips

    return dataset_clips

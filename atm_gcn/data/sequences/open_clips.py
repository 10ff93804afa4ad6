"""Clips by the path of what holds them."""

from pathlib import Path

from atm_gcn.data.store.clip_store import ClipStore
from atm_gcn.data.store.frame_store import FrameStore


def open_clips(path: Path, apex: str = "largest") -> ClipStore:
    """Open the frame store in a folder."""
    return FrameStore.open(path)

"""The frame store: planned and prepared from clips, then read by training and prediction."""

from atm_gcn.data.store.clip_store import ClipStore
from atm_gcn.data.store.frame_store import FrameStore
from atm_gcn.data.store.joined import AuxiliaryStore, JoinedStore
from atm_gcn.data.store.stored_clips import StoredClip

__all__ = ["AuxiliaryStore", "ClipStore", "FrameStore", "JoinedStore", "StoredClip"]

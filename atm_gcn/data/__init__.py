"""From annotation files to batches: clips, manifest, frame store, dataset."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.data.annotations import read_annotations
    from atm_gcn.data.annotations.on_disk import dataset_clips
    from atm_gcn.data.clip import Clip
    from atm_gcn.data.collate import collate_clips
    from atm_gcn.data.dataset import MERDataset
    from atm_gcn.data.manifest import load_manifest, write_manifest
    from atm_gcn.data.problem import Problem
    from atm_gcn.data.store.clip_store import ClipStore
    from atm_gcn.data.store.frame_store import FrameStore
    from atm_gcn.data.store.preparation import prepare

__all__ = [
    "Clip",
    "ClipStore",
    "FrameStore",
    "MERDataset",
    "Problem",
    "collate_clips",
    "dataset_clips",
    "load_manifest",
    "prepare",
    "read_annotations",
    "write_manifest",
]
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Clip": "clip",
        "ClipStore": "store.clip_store",
        "FrameStore": "store.frame_store",
        "MERDataset": "dataset",
        "Problem": "problem",
        "collate_clips": "collate",
        "dataset_clips": "annotations.on_disk",
        "load_manifest": "manifest",
        "prepare": "store.preparation",
        "read_annotations": "annotations",
        "write_manifest": "manifest",
    },
)

"""From annotation files to batches: clips, manifest, frame store, dataset."""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.data.annotations import read_annotations
    from atm_gcn.data.annotations.on_disk import dataset_clips
    from atm_gcn.data.clip import Clip
    from atm_gcn.data.collate import collate_clips
    from atm_gcn.data.dataframes import from_dataframe, to_dataframe
    from atm_gcn.data.dataset import MERDataset
    from atm_gcn.data.manifest import load_manifest, write_manifest
    from atm_gcn.data.problem import Problem
    from atm_gcn.data.sequences.from_data import from_dataset
    from atm_gcn.data.sequences.load_features import load_features
    from atm_gcn.data.sequences.open_clips import open_clips
    from atm_gcn.data.sequences.sequence_store import SequenceStore
    from atm_gcn.data.store.clip_store import ClipStore
    from atm_gcn.data.store.frame_store import FrameStore
    from atm_gcn.data.store.preparation import prepare

__all__ = [
    "Clip",
    "ClipStore",
    "FrameStore",
    "MERDataset",
    "Problem",
    "SequenceStore",
    "collate_clips",
    "dataset_clips",
    "from_dataframe",
    "from_dataset",
    "load_features",
    "load_manifest",
    "open_clips",
    "prepare",
    "read_annotations",
    "to_dataframe",
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
        "SequenceStore": "sequences.sequence_store",
        "collate_clips": "collate",
        "dataset_clips": "annotations.on_disk",
        "from_dataframe": "dataframes",
        "from_dataset": "sequences.from_data",
        "load_features": "sequences.load_features",
        "load_manifest": "manifest",
        "open_clips": "sequences.open_clips",
        "prepare": "store.preparation",
        "read_annotations": "annotations",
        "to_dataframe": "dataframes",
        "write_manifest": "manifest",
    },
)

"""Clips that are no frame store: features that were computed beforehand, and datasets of PyG."""

from atm_gcn.data.sequences.apex import APEXES, Apex
from atm_gcn.data.sequences.from_data import from_dataset
from atm_gcn.data.sequences.sequence_store import SequenceStore

__all__ = ["APEXES", "Apex", "SequenceStore", "from_dataset"]

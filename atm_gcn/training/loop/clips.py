"""The clips that a model reads, as a dataset."""

from atm_gcn.config import PeerConfig, RunConfig
from atm_gcn.data import ClipStore, MERDataset


def dataset_of(config: RunConfig, store: ClipStore) -> MERDataset:
    """The clips of a store with what the model of these settings reads of them.

    They are kept in memory if they fit, unless other processes read them.
    """
    model, view, keep = config.model, config.data.view, config.train.compute.num_workers == 0
    if isinstance(model, PeerConfig):
        return MERDataset(store, view=view, nodes=model.peer.nodes, keep=keep)
    return MERDataset(store, window=model.window, view=view, keep=keep)

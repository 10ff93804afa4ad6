"""The networks of other authors, in the form in which this package trains and tests its own model.

A peer takes the batches that :class:`~atm_gcn.ATMGCN` takes and returns logits ``[B, C]``. :data:`PEERS` has facts
about each: what it reads, where it was published, and the training of its authors.
"""

from typing import TYPE_CHECKING

from atm_gcn._lazy import lazy_names

if TYPE_CHECKING:
    from atm_gcn.peers.registry import PEERS, Peer, build_peer

__all__ = ["PEERS", "Peer", "build_peer"]
__getattr__, __dir__ = lazy_names(__name__, {"PEERS": "registry", "Peer": "registry", "build_peer": "registry"})

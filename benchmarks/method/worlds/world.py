"""What a world is."""

from collections.abc import Callable
from dataclasses import dataclass

from torch_geometric.data import Data

from atm_gcn.data import from_dataset
from atm_gcn.data.sequences.sequence_store import SequenceStore


@dataclass(frozen=True)
class World:
    """A set of clips of motion features whose class can be told in one way only.

    Args:
        name: Of the world.
        reason: What a part of the model should contribute here, and why.
        chooses: Whether its scores take part in the choice of a variant; the others are only reported.
        draw: Called with a seed, returns the clips.
        redrawn: Whether another seed shows other people; otherwise the clips are the same for all seeds.
        unit: What is held out, and what tests and intervals are over.
    """

    name: str
    reason: str
    chooses: bool
    draw: Callable[[int], list[Data]]
    redrawn: bool = True
    unit: str = "subject"

    def store(self, seed: int) -> "CachedStore":
        """The clips of a seed."""
        store = from_dataset(self.draw(seed))
        return CachedStore(store.items, store._checked, store.clips, store.classes)


class CachedStore(SequenceStore):
    """Clips that are made once, of what the model needs alone: training reads each of them in every epoch."""

    def item(self, index: int, window: int, view: str | None = None) -> Data:
        cached = self.__dict__.setdefault("_cached", {})
        if index not in cached:
            whole = super().item(index, window)
            cached[index] = Data(x=whole.x, pos=whole.pos, global_index=whole.global_index, y=whole.y)
        return cached[index]

"""The clips of a store with action units as targets instead of classes."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from atm_gcn.data.action_units.reading import UNITS, State, read_units, unit_name, units_text
from atm_gcn.data.store.clip_store import ClipStore, SelectedClips, View
from atm_gcn.errors import ATMGCNError, some_of

if TYPE_CHECKING:
    from torch_geometric.data import Data

log = logging.getLogger(__name__)


class UnitStore(SelectedClips):
    """The clips of a store whose action units are known.

    A clip's label is the text of its units, such as ``"AU1+AU4"``, and ``y`` of its data is float32 ``[1, U]``: 1 for
    a unit that is present, 0 for one that is absent, -1 for one that is unknown. All else is as in the store.

    Args:
        store: The clips.
        units: Numbers of the units, in the order of the logits.

    Attributes:
        units: The same.

    Raises:
        ATMGCNError: If the store has no clip whose action units are known.
    """

    def __init__(self, store: ClipStore, units: Sequence[int] = UNITS) -> None:
        read = [read_units(stored.clip.action_units) for stored in store.clips]
        super().__init__(store, [position for position, one in enumerate(read) if one.is_known])
        if not self.clips:
            raise ATMGCNError(
                f"{store.name}: none of its {len(store)} clips has action units that can be read; fill in the column "
                "action_units of the manifest, and prepare again"
            )
        self.units, self.classes = tuple(units), [unit_name(unit) for unit in units]
        self._targets = [read[position].states(units) for position in self._positions]
        self.clips = [
            replace(stored, clip=replace(stored.clip, label=units_text(states, self.classes)))
            for stored, states in zip(self.clips, self._targets, strict=True)
        ]

    @property
    def targets(self) -> list[tuple[State, ...]]:
        """For each clip, the state of every unit."""
        return self._targets

    def of(self, units: Sequence[int]) -> "UnitStore":
        """The same clips with other units."""
        return UnitStore(self._store, units)

    def report_left_out(self) -> None:
        """Log the clips whose action units are not known."""
        kept = set(self._positions)
        left = [stored.clip for place, stored in enumerate(self._store.clips) if place not in kept]
        if left:
            names = [f"{clip.key} ({clip.action_units!r})" if clip.action_units else clip.key for clip in left]
            log.warning(
                "%s: %d of %d clips are left out, because no action units are annotated or they cannot be read: %s",
                self.name,
                len(left),
                len(self._store),
                some_of(names),
            )

    @property
    def checksum(self) -> str:
        """That of the store: the units follow from it and the settings of a run."""
        return self._store.checksum

    def item(self, index: int, window: int, view: View | None = None) -> "Data":
        import torch

        data = super().item(index, window, view)
        data.y = torch.tensor([self._targets[index]], dtype=torch.float32)
        return data

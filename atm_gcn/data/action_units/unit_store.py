"""The clips of a store with action units as targets instead of classes."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.action_units.reading import UNITS, State, read_units, unit_name, units_text
from atm_gcn.data.store.clip_store import ClipStore, View
from atm_gcn.errors import ATMGCNError, some_of

if TYPE_CHECKING:
    from torch_geometric.data import Data

log = logging.getLogger(__name__)


class UnitStore(ClipStore):
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
        self._store, self.units = store, tuple(units)
        self.path, self.classes = store.path, [unit_name(unit) for unit in units]
        self.fix, self.same_fix, self.settings_fix = store.fix, store.same_fix, store.settings_fix
        self.class_fix = store.class_fix
        read = [read_units(stored.clip.action_units) for stored in store.clips]
        self._places = [place for place, one in enumerate(read) if one.is_known]
        if not self._places:
            raise ATMGCNError(
                f"{store.name}: none of its {len(store)} clips has action units that can be read; fill in the column "
                "action_units of the manifest, and prepare again"
            )
        self._targets = [read[place].states(units) for place in self._places]
        self.clips = [
            replace(store.clips[place], clip=replace(store.clips[place].clip, label=units_text(states, self.classes)))
            for place, states in zip(self._places, self._targets, strict=True)
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
        kept = set(self._places)
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
    def name(self) -> str:
        return self._store.name

    @property
    def config(self) -> DataConfig:
        return self._store.config

    @property
    def checksum(self) -> str:
        """That of the store: the units follow from it and the settings of a run."""
        return self._store.checksum

    @property
    def frame_size(self) -> int | None:
        return self._store.frame_size

    def input_size(self, view: View) -> int | None:
        return self._store.input_size(view)

    @property
    def model_settings(self) -> dict[str, Any]:
        return self._store.model_settings

    @property
    def has_flow(self) -> bool:
        return getattr(self._store, "has_flow", False)

    @property
    def has_landmarks(self) -> bool:
        return getattr(self._store, "has_landmarks", False)

    @property
    def has_depth(self) -> bool:
        return getattr(self._store, "has_depth", False)

    def read(self, index: int) -> np.ndarray:
        return self._store.read(self._places[index])

    def item(self, index: int, window: int, view: View | None = None) -> "Data":
        import torch

        data = self._store.item(self._places[index], window, *([] if view is None else [view]))
        data.y = torch.tensor([self._targets[index]], dtype=torch.float32)
        return data

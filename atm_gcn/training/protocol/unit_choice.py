"""The clips of a run with the targets of its task, and the choice of the action units that it learns."""

import logging
from collections.abc import Callable, Sequence
from functools import reduce

from atm_gcn.config import RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.data.action_units.reading import UNITS, unit_name
from atm_gcn.data.action_units.unit_store import UnitStore
from atm_gcn.data.store import JoinedStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.protocol.splits import Fold, has_class

log = logging.getLogger(__name__)


def store_for(
    config: RunConfig, stores: Sequence[ClipStore], join: Callable[[ClipStore, ClipStore], ClipStore] = JoinedStore
) -> ClipStore:
    """Several stores read as one, with the targets of a run's task.

    Args:
        config: The requested settings.
        stores: The clips; each may be joined of others.
        join: Joins two stores.

    Raises:
        ATMGCNError: If the stores do not fit together, or for action units, if none of them has clips with units or
            fewer than two units occur often enough.
    """
    if config.model.task == "emotion":
        return reduce(join, stores)
    from atm_gcn.training.protocol.tasks import folds_of  # which imports what decodes videos

    if len(stores) == 1 and isinstance(stores[0], UnitStore):
        return stores[0]
    if len(stores) == 1 and isinstance(stores[0], JoinedStore):
        stores, join = stores[0].parts, type(stores[0])
    apart = [UnitStore(store) for store in stores]
    for one in apart:
        one.report_left_out()
    settings = config.train.protocol
    units = settings.units
    if units is None:
        every = reduce(join, list[ClipStore](apart))
        units = units_to_learn(every.targets, folds_of(settings, every), UNITS, settings.least_unit_clips)
        if len(units) < 2:
            raise ATMGCNError(
                f"{every.name}: {len(units)} of the action units {', '.join(map(str, UNITS))} "
                f"{'has' if len(units) == 1 else 'have'} {settings.least_unit_clips} training clips in a fold, and two "
                "are needed; lower train.protocol.least_unit_clips, or give more clips"
            )
        others = [unit_name(unit) for unit in UNITS if unit not in units]
        if others:
            log.info(
                "%s: units with fewer than %d training clips in every fold are left out: %s",
                every.name,
                settings.least_unit_clips,
                ", ".join(others),
            )
    return reduce(join, list[ClipStore](one.of(units) for one in apart))


def units_to_learn(
    states: Sequence[Sequence[int]], folds: Sequence[Fold], units: Sequence[int], least: int
) -> list[int]:
    """The units that are present in ``least`` training clips of at least one fold.

    A fold learns a unit by the same rule, from its training clips alone
    (:func:`~atm_gcn.losses.unit_weights`); a unit that no fold learns has no logit.

    Args:
        states: Of every clip, the state of each unit.
        folds: Of the run.
        units: Their numbers, in the order of the states.
        least: Number of clips.
    """

    def most(number: int) -> int:
        return max(sum(has_class(states[place], number) for place in fold.train) for fold in folds)

    return [unit for number, unit in enumerate(units) if most(number) >= least]

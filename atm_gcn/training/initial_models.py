"""The models of an earlier run that the folds of another start from."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

import torch

from atm_gcn.building import build
from atm_gcn.checkpoint import differing_parts, load_checkpoint
from atm_gcn.config import RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.data.action_units.reading import unit_number
from atm_gcn.data.action_units.unit_store import UnitStore
from atm_gcn.data.store import JoinedStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.loop.fold import is_fitted_once
from atm_gcn.training.protocol.leakage import check_leakage, ties_of
from atm_gcn.training.protocol.splits import Fold, clips_and_labels
from atm_gcn.training.protocol.tasks import Task
from atm_gcn.training.results.run_results import RunResults

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class InitialModel:
    """A model of the earlier run.

    Args:
        path: The checkpoint.
        seed: The run's seed that it was trained with.
        tested: Keys of the people who were held out from it.
    """

    path: Path
    seed: int
    tested: frozenset[str]


def with_initial_models(tasks: Sequence[Task], config: RunConfig, store: ClipStore) -> list[Task]:
    """The tasks, each with the checkpoint that it starts from; unchanged without ``train.protocol.init_from``.

    A checkpoint suits a fold if it was trained on nobody who is tested in the fold, or by whom its epoch is chosen. Of
    several, the one that was trained on most people is taken, of these the one with the task's seed, and of these the
    first. Recordings are compared across the clips of both runs, as within those of one.

    Raises:
        ATMGCNError: If the earlier run is not finished, kept no models, was trained on clips that are not at hand, or
            its models have other sizes; if no checkpoint suits a fold, or one has seen clips that the fold tests.
    """
    source = config.train.protocol.init_from
    if source is None:
        return list(tasks)
    if is_fitted_once(config.model):
        raise ATMGCNError(
            f"train.protocol.init_from (--init-from): {config.model.name} is fitted once, and starts from nothing; "
            "leave the option out"
        )
    run = RunResults(source)
    _check_task(run, config)
    theirs = _clips_of(run)
    if config.model.task == "action-units":
        units = [unit_number(name) for name in config.model.names]
        theirs = [UnitStore(one, units) for one in theirs]
    models = _models_of(run)
    _check_sizes(models[0].path, config)
    joined = reduce(JoinedStore, theirs, store)
    clips, _ = clips_and_labels(joined)
    ties = ties_of(joined, config.data)
    people = {stored.clip.subject_key for one in theirs for stored in one.clips}
    started = []
    for task in tasks:
        apart = {clips[position].subject_key for position in (*task.fold.test, *task.fold.validation)} & people
        suitable = [model for model in models if apart <= model.tested]
        if not suitable:
            raise ATMGCNError(
                f"{source}: each of its models was trained on some of the people held out in fold {task.fold.name} "
                f"({', '.join(sorted(apart)[:3])}); train it with the same folds as this run, or on other people"
            )
        model = min(suitable, key=lambda model: (len(model.tested), model.seed != task.seed))
        seen = [n for n in range(len(store), len(clips)) if clips[n].subject_key not in model.tested]
        check_leakage(clips, Fold(task.fold.name, seen, task.fold.test, task.fold.validation), ties)
        started.append(replace(task, initial=model.path))
    log.info("every fold starts from a model of %s", source)
    return started


def _check_task(run: RunResults, config: RunConfig) -> None:
    """Raise an :class:`ATMGCNError` unless both runs are of classes, or of the same action units."""
    theirs, own = run.folder.config.model, config.model
    if theirs.task != own.task or (own.task == "action-units" and theirs.names != own.names):
        raise ATMGCNError(
            f"{run.path}: its models predict {', '.join(theirs.names)}, and this run learns {', '.join(own.names)}; "
            "train both with the same --task and train.protocol.units"
        )


def _clips_of(run: RunResults) -> list[ClipStore]:
    """The clips that the models of a run were trained on.

    Raises:
        ATMGCNError: If they are not all at hand.
    """
    if run.folder.config.train.protocol.init_from:
        raise ATMGCNError(
            f"{run.path}: was itself trained with --init-from, and whom that added is not recorded; start from a run "
            "without it"
        )
    try:
        return run.folder.record.store.open()
    except ATMGCNError as error:
        raise ATMGCNError(
            f"{run.path}: {error}, so that the people it was trained on cannot be compared with those held out; train "
            "it again"
        ) from error


def _models_of(run: RunResults) -> list[InitialModel]:
    """The models of a finished run.

    Raises:
        ATMGCNError: If it is not finished, or kept no models.
    """
    if len(run.folds) < run.num_folds or not run.folds:
        raise ATMGCNError(f"{run.path}: is not finished; go on with atm-gcn train --resume, and start from it then")
    seed = run.folder.config.train.protocol.seed
    return [
        InitialModel(
            fold.model(), seed if fold.seed is None else fold.seed, frozenset(row.subject for row in fold.predictions())
        )
        for fold in run.folds
    ]


def _check_sizes(path: Path, config: RunConfig) -> None:
    """Raise an :class:`ATMGCNError` if a checkpoint does not fit the model of a run."""
    with torch.device("meta"):
        expected = build(config.model).state_dict()
    if differing := differing_parts(load_checkpoint(path)[0], expected):
        raise ATMGCNError(
            f"{path}: its {min(differing)} has other sizes or parts than that of this run; train both with the same "
            "model and preset"
        )

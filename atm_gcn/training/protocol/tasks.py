"""The folds of a protocol, and the tasks of a run: one per fold and seed."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from atm_gcn.config import ProtocolConfig, RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.data.clip import Clip
from atm_gcn.data.store import AuxiliaryStore, JoinedStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.protocol.leakage import check_leakage, ties_of
from atm_gcn.training.protocol.seeds import derive_seed
from atm_gcn.training.protocol.splits import (
    Fold,
    across_datasets,
    clips_and_labels,
    k_folds,
    leave_one_dataset_out,
    leave_one_subject_out,
    train_on_all,
    with_validation,
)
from atm_gcn.training.results.layout import fold_folder_names

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """One training: a fold, and the run's seed that it is trained with.

    Args:
        fold: The clips for training, validation and test.
        seed: The run's seed, from which the fold's own seed derives.
        folder: Subfolder of the fold's folder, for instance ``"seed-1"`` in a run with several seeds.
        fold_folder: Name of the fold's folder, from :func:`~atm_gcn.training.results.layout.fold_folder_names`; by
            default that of the only fold of a run.
        initial: The checkpoint that the training starts from; None starts from random weights.
    """

    fold: Fold
    seed: int
    folder: str = ""
    fold_folder: str = ""
    initial: Path | None = None

    @property
    def label(self) -> str:
        """Name of the task in logs."""
        return f"{self.fold.name}, {self.folder}" if self.folder else self.fold.name

    @property
    def fold_seed(self) -> int:
        """Seed of this training; it depends on names only."""
        return derive_seed(self.seed, self.fold.name)

    @property
    def path(self) -> PurePath:
        """Folder of its files below the run's ``folds/``."""
        return PurePath(self.fold_folder or fold_folder_names([self.fold.name])[self.fold.name], self.folder)


def folds_of(settings: ProtocolConfig, store: ClipStore) -> list[Fold]:
    """The folds of a protocol, before validation subjects are set apart.

    Raises:
        ATMGCNError: If the store has too few subjects or datasets for it.
    """
    clips = store.first_clips if isinstance(store, AuxiliaryStore) else clips_and_labels(store)[0]
    if settings.kind == "all":
        return train_on_all(clips)
    if settings.kind == "kfold":
        return k_folds(clips, settings.folds, settings.seed)
    if settings.kind == "loso":
        return leave_one_subject_out(clips)
    if settings.kind == "lodo":
        return leave_one_dataset_out(clips)
    if isinstance(store, JoinedStore) and not isinstance(store, AuxiliaryStore) and not settings.test:
        positions = range(len(clips))
        return [Fold("test", train=list(positions[: store.boundary]), test=list(positions[store.boundary :]))]
    return across_datasets(clips, settings.test or ())


def tasks_of(config: RunConfig, store: ClipStore) -> list[Task]:
    """Every fold of the protocol once with every seed.

    Raises:
        ATMGCNError: If the store does not fit the protocol, or training and test of a fold would share data.
    """
    settings = config.train.protocol
    check_auxiliary(settings, store)
    clips, _ = clips_and_labels(store)
    folds, start = folds_of(settings, store), time.perf_counter()
    ties = ties_of(store, config.data)
    log.debug("leak check: %d clips compared in %.1f s", len(clips), time.perf_counter() - start)
    folders = fold_folder_names(fold.name for fold in folds)
    tasks = [
        Task(
            with_auxiliary(_validated(fold, clips, settings.validation_subjects, seed), clips, store),
            seed,
            folder=f"seed-{seed}" if settings.seeds > 1 else "",
            fold_folder=folders[fold.name],
        )
        for seed in range(settings.seed, settings.seed + settings.seeds)
        for fold in folds
    ]
    for task in tasks:
        check_leakage(clips, task.fold, ties)
    return tasks


def with_auxiliary(fold: Fold, clips: Sequence[Clip], store: ClipStore) -> Fold:
    """The fold with the auxiliary clips of everyone who is neither tested nor chosen by in it."""
    if not isinstance(store, AuxiliaryStore):
        return fold
    apart = {clips[position].subject_key for position in (*fold.test, *fold.validation)}
    more = [number for number in range(store.boundary, len(clips)) if clips[number].subject_key not in apart]
    return replace(fold, train=[*fold.train, *more])


def check_auxiliary(settings: ProtocolConfig, store: ClipStore) -> None:
    """Make sure that the auxiliary data of the settings are at hand.

    Raises:
        ATMGCNError: If they are not.
    """
    if settings.auxiliary is not None and not isinstance(store, AuxiliaryStore):
        raise ATMGCNError(
            f"train.protocol.auxiliary is {settings.auxiliary!r}: give --with {settings.auxiliary}, or set it to null"
        )


def _validated(fold: Fold, clips: Sequence[Clip], count: int, seed: int) -> Fold:
    return with_validation(fold, clips, count, seed) if count else fold

"""The results of a run on disk, for every command that reads them. Files that changed after the run are refused."""

import logging
import math
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from atm_gcn.defaults import Task
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import read_json, rounded
from atm_gcn.training.loop.log_file import read_log
from atm_gcn.training.results.earlier_runs import finished_without_record
from atm_gcn.training.results.fold_record import FoldRecord, check_files, read_record
from atm_gcn.training.results.layout import LOG, METRICS, MODEL, PREDICTIONS, fold_folder, fold_name
from atm_gcn.training.results.outcomes import OUTCOMES
from atm_gcn.training.results.predictions import Prediction, read_predictions
from atm_gcn.training.results.run_folder import RunFolder
from atm_gcn.training.results.run_scores import score

log = logging.getLogger(__name__)

_RESUME = "go on with atm-gcn train --resume"


@dataclass(frozen=True)
class FinishedFold:
    """A finished fold of a run. Its files are compared with its record when they are read.

    Args:
        name: Its folder below the run's ``folds/``.
        folder: The whole path of that folder.
        seed: The run's seed that it was trained with; None in a run of one seed.
        record: Digests of its files; None in a run of an earlier version, whose files are read unchecked.
        task: What its model predicts.
    """

    name: str
    folder: Path
    seed: int | None
    record: FoldRecord | None
    task: Task = "emotion"

    def model(self) -> Path:
        """The checkpoint."""
        return self._checked(MODEL)

    def log(self) -> list[dict[str, Any]]:
        """One record per epoch."""
        return read_log(self._checked(LOG))

    def predictions(self) -> list[Prediction]:
        """The predictions of the held-out clips."""
        rows = read_predictions(self._checked(PREDICTIONS), OUTCOMES[self.task].check)
        return [replace(row, seed=self.seed) for row in rows]

    def _checked(self, name: str) -> Path:
        if self.record is not None:
            check_files(self.folder, self.record, (name,))
        return self.folder / name


class RunResults:
    """What a run has found; each file is read and checked at most once.

    Args:
        path: Folder of the run.

    Raises:
        ATMGCNError: By every attribute, if this is no run's folder, or a file is damaged or of another training.
    """

    def __init__(self, path: str | Path) -> None:
        self.folder = RunFolder(path)
        self.path = self.folder.path

    @cached_property
    def folds(self) -> list[FinishedFold]:
        """The finished folds, in the order of the results."""
        record = self.folder.record
        if not record.folds:
            found = finished_without_record(self.folder)
            return [FinishedFold(fold_name(self.path, folder), folder, seed, None) for folder, seed in found]
        several, kind = len({task.seed for task in record.folds}) > 1, self.folder.config.model.task
        folds = []
        for task in record.folds:
            folder = fold_folder(self.path, task.folder)
            fold_record = read_record(folder, record.digest, task.fold, task.seed)
            if fold_record is not None:
                folds.append(FinishedFold(task.folder, folder, task.seed if several else None, fold_record, kind))
        return folds

    @cached_property
    def num_folds(self) -> int:
        """Number of folds, finished or not; an earlier version did not record it, and those that exist count."""
        return len(self.folder.record.folds) or len(self.folds)

    def first_seeds(self, count: int | None = None) -> list[int]:
        """The first ``count`` seeds of a run of several, all of them for None; empty for a run of one seed.

        Raises:
            ATMGCNError: If it has fewer.
        """
        settings = self.folder.config.train.protocol
        count = settings.seeds if count is None else count
        if not 1 <= count <= settings.seeds:
            some = f"1 to {settings.seeds}" if settings.seeds > 1 else "1"
            raise ATMGCNError(f"{self.path}: --seeds must be all or {some}, the seeds of this run, not {count}")
        return [settings.seed + number for number in range(count)] if settings.seeds > 1 else []

    def models(self) -> list[Path]:
        """The checkpoints of all finished folds.

        Raises:
            ATMGCNError: If none is finished, or a checkpoint was changed.
        """
        if not self.folds:
            raise ATMGCNError(f"{self.path}: none of its folds is finished; {_RESUME}")
        if len(self.folds) < self.num_folds:
            log.warning(
                "%s: %d of %d folds are finished; the others are left out", self.path, len(self.folds), self.num_folds
            )
        return [fold.model() for fold in self.folds]

    @cached_property
    def predictions(self) -> list[Prediction]:
        """The predictions of every fold and seed.

        Raises:
            ATMGCNError: If a fold is not finished, or its predictions were changed.
        """
        if len(self.folds) < self.num_folds or not self.folds:
            raise ATMGCNError(
                f"{self.path}: is not finished, {len(self.folds)} of {self.num_folds} folds are; {_RESUME}"
            )
        return [row for fold in self.folds for row in fold.predictions()]

    @property
    def has_scores(self) -> bool:
        """Whether the scores were written, at the end of the run."""
        return (self.path / METRICS).is_file()

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """The scores, as in ``metrics.json``, derived from the predictions of the folds.

        Raises:
            ATMGCNError: If the run is not finished, or ``metrics.json`` differs from the folds' predictions.
        """
        config, file = self.folder.config, self.path / METRICS
        if not self.has_scores:
            raise ATMGCNError(f"{self.path}: is not finished, it lacks {METRICS}; {_RESUME}")
        fix = "write it again with atm-gcn train --resume"
        found = read_json(file, fix)
        if config.train.protocol.kind == "all":
            if found.get("class_names") != config.model.class_names or not isinstance(found.get("num_clips"), int):
                raise ATMGCNError(f"{file}: is damaged; {fix}")
            return found
        names, outcome = config.model.names, OUTCOMES[config.model.task]
        for row in self.predictions:
            try:
                outcome.check(row, names)
            except ValueError as error:
                raise ATMGCNError(
                    f"{self.path}: its predictions do not fit model.class_names of its config.yaml: {error}"
                ) from error
        derived = rounded(score(self.predictions, config))
        written = [key for key in ("seed_ensemble",) if key in found and key in derived]  # not by earlier versions
        for key in (*outcome.checked, *written):
            if not _agree(found.get(key), derived[key]):
                raise ATMGCNError(
                    f"{file}: {key} is {found.get(key)}, but the folds' predictions give {derived[key]}; {fix}"
                )
        return derived


def _agree(found: Any, derived: Any) -> bool:
    if isinstance(derived, dict):
        return isinstance(found, dict) and all(_agree(found.get(key), value) for key, value in derived.items())
    if isinstance(derived, list) and isinstance(found, list) and len(found) == len(derived):
        return all(map(_agree, found, derived))
    if isinstance(derived, float):
        return isinstance(found, int | float) and math.isclose(found, derived, abs_tol=2e-6)
    return found == derived

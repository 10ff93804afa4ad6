"""What a run on disk says, for every command that reads one. Files that were changed after the run are refused."""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from atm_gcn.checkpoint import FILE_NAME as MODEL
from atm_gcn.checkpoint import load_checkpoint
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import read_json, rounded
from atm_gcn.training.loop.checkpointing import LOG, read_log
from atm_gcn.training.loop.trainer import Record
from atm_gcn.training.protocol.tasks_of_run import METRICS, score
from atm_gcn.training.results.fold_record import FoldRecord, check_files, read_record
from atm_gcn.training.results.predictions import FILE_NAME as PREDICTIONS
from atm_gcn.training.results.predictions import Prediction, read_predictions
from atm_gcn.training.results.run_folder import RunFolder
from atm_gcn.training.results.summary import SCORES

log = logging.getLogger(__name__)

CHECKED = ("class_names", "num_clips", "num_subjects", "confusion", *SCORES)  # of metrics.json


@dataclass(frozen=True)
class FinishedFold:
    """A finished fold of a run.

    Args:
        name: Of its folder below the run's ``folds/``.
        folder: Where its files lie.
        seed: The run's seed that it was trained with; None in a run of one seed.
        record: Digests of its files; None in a run of an earlier version, whose files are read unchecked.
    """

    name: str
    folder: Path
    seed: int | None
    record: FoldRecord | None

    def model(self) -> Path:
        """The checkpoint."""
        return self._checked(MODEL)

    def log(self) -> list[Record]:
        """One record per epoch."""
        return read_log(self._checked(LOG))

    def predictions(self) -> list[Prediction]:
        """The predictions of the held-out clips."""
        return [replace(row, seed=self.seed) for row in read_predictions(self._checked(PREDICTIONS))]

    def _checked(self, name: str) -> Path:
        if self.record is not None:
            check_files(self.folder, self.record, (name,))
        return self.folder / name


def finished_folds(run: str | Path) -> list[FinishedFold]:
    """The folds of a run that are finished, in the order of its results.

    Raises:
        ATMGCNError: If this is no run's folder, or a record in it is damaged or of another training.
    """
    folder = RunFolder(run)
    record = folder.record
    if not record.folds:
        return _without_records(folder)
    several = len({task.seed for task in record.folds}) > 1
    folds = []
    for task in record.folds:
        where = folder.path / "folds" / task.folder
        found = read_record(where, record.digest, task.fold, task.seed)
        if found is not None:
            folds.append(FinishedFold(task.folder, where, task.seed if several else None, found))
    return folds


def run_models(run: str | Path) -> list[Path]:
    """The checkpoints of all finished folds.

    Raises:
        ATMGCNError: If none is finished, or a checkpoint was changed.
    """
    folds = finished_folds(run)
    if not folds:
        raise ATMGCNError(f"{run}: none of its folds is finished; go on with atm-gcn train --resume")
    expected = _expected(run, folds)
    if len(folds) < expected:
        log.warning("%s: %d of %d folds are finished; the others are left out", run, len(folds), expected)
    return [fold.model() for fold in folds]


def run_predictions(run: str | Path) -> list[Prediction]:
    """The predictions of every fold and seed of a finished run.

    Raises:
        ATMGCNError: If a fold is not finished, or its predictions were changed.
    """
    folds = finished_folds(run)
    expected = _expected(run, folds)
    if len(folds) < expected or not folds:
        raise ATMGCNError(
            f"{run}: is not finished, {len(folds)} of {expected} folds are; go on with atm-gcn train --resume"
        )
    return [row for fold in folds for row in fold.predictions()]


def run_metrics(run: str | Path) -> dict[str, Any]:
    """The scores of a finished run, as in ``metrics.json``, derived from the predictions of its folds.

    Raises:
        ATMGCNError: If the run is not finished, or ``metrics.json`` says something else than the predictions do.
    """
    folder = RunFolder(run)
    config, file = folder.config, folder.path / METRICS
    if not file.is_file():
        raise ATMGCNError(f"{run}: is not finished, it lacks {METRICS}; go on with atm-gcn train --resume")
    fix = "write it again with atm-gcn train --resume"
    found = read_json(file, fix)
    if config.train.protocol.kind == "all":
        if found.get("class_names") != config.model.class_names or not isinstance(found.get("num_clips"), int):
            raise ATMGCNError(f"{file}: is damaged; {fix}")
        return found
    predictions, names = run_predictions(run), config.model.class_names or ()
    for row in predictions:
        if row.label not in names or row.predicted not in names:
            raise ATMGCNError(
                f"{run}: clip {row.clip} has a class that is not among model.class_names of its config.yaml"
            )
    derived = rounded(score(predictions, config))
    for key in CHECKED:
        if not _agree(found.get(key), derived[key]):
            raise ATMGCNError(
                f"{file}: {key} is {found.get(key)}, but the folds' predictions give {derived[key]}; {fix}"
            )
    return derived


def _expected(run: str | Path, folds: Sequence[FinishedFold]) -> int:
    """How many folds a run has; an earlier version did not record it, and what is there counts."""
    return len(RunFolder(run).record.folds) or len(folds)


def _agree(found: Any, derived: Any) -> bool:
    if isinstance(derived, float):
        return isinstance(found, int | float) and math.isclose(found, derived, abs_tol=2e-6)
    return found == derived


def _without_records(folder: RunFolder) -> list[FinishedFold]:
    """The finished folds of a run of an earlier version, which kept no records."""
    several = folder.config.train.protocol.seeds > 1
    folds = []
    for file in sorted(folder.path.glob(f"folds/**/{MODEL}")):
        if (file.parent / PREDICTIONS).is_file():
            seed = load_checkpoint(file)[2].get("card", {}).get("seed") if several else None
            folds.append(
                FinishedFold(file.parent.relative_to(folder.path / "folds").as_posix(), file.parent, seed, None)
            )
    return folds

"""The folder of a run: who may write there, which folds are finished, and how a fold is saved.

:mod:`atm_gcn.training.results.layout` lists its files.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atm_gcn.checkpoint import save_checkpoint
from atm_gcn.config import RunConfig
from atm_gcn.config.messages import written
from atm_gcn.data import ClipStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import write_text
from atm_gcn.files.lock import locked
from atm_gcn.files.refusals import reason, refuse_links, refuse_special
from atm_gcn.files.writing import is_leftover, remove_leftovers
from atm_gcn.training.devices.threads import default_threads
from atm_gcn.training.loop.log_file import write_log
from atm_gcn.training.results.fold_record import check_files, read_record, write_record
from atm_gcn.training.results.layout import (
    CONFIG,
    FIRST_WRITTEN,
    MODEL,
    PREDICTIONS,
    RUN_RECORD,
    STATE,
    WRITTEN,
    fold_folder,
)
from atm_gcn.training.results.model_card import model_card
from atm_gcn.training.results.outcomes import OUTCOMES
from atm_gcn.training.results.predictions import write_predictions
from atm_gcn.training.results.run_record import RunRecord, read_run_record, write_run_record
from atm_gcn.version import __version__

if TYPE_CHECKING:
    from atm_gcn.training.loop.fold import FoldResult
    from atm_gcn.training.protocol.tasks import Task

log = logging.getLogger(__name__)

FREE_SETTINGS = {  # which do not change the result, so that a resumed run may have others
    "train.compute.device",
    "train.compute.gpus_per_fold",
    "train.compute.num_workers",
    "train.compute.save_every",
    "train.compute.tensorboard",
}


class RunFolder:
    """A run on disk.

    Args:
        path: The folder, which need not exist yet.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @contextmanager
    def opened(self, config: RunConfig, store: ClipStore, tasks: "Sequence[Task]", resume: bool) -> Iterator[None]:
        """Create the folder, or resume an equal run in it, and lock it for this process.

        Args:
            config: Every setting.
            store: The clips.
            tasks: All tasks of the run.
            resume: Whether a run that was begun may be resumed.

        Raises:
            ATMGCNError: See :meth:`check`; or if another process has locked the folder.
        """
        self.check(config, store, resume)
        try:
            self.path.resolve().mkdir(parents=True, exist_ok=True)  # where a link names it, too
        except (OSError, RuntimeError) as error:
            raise ATMGCNError(f"{self.path}: cannot be made ({reason(error)})") from error
        refuse_links(self.path)
        with locked(self.path):
            self.check(config, store, resume)  # another process may have begun here in between
            if not self.is_begun:
                self._begin(config.to_yaml(), store, tasks, __version__)
            elif not self.record.folds:  # as an earlier version wrote it
                self._begin(self._config_file.read_text(encoding="utf-8"), store, tasks, self.record.atm_gcn)
            yield

    def _begin(self, config: str, store: ClipStore, tasks: "Sequence[Task]", version: str) -> None:
        write_run_record(self._record_file, config, store, tasks, version)
        write_text(self._config_file, config)

    def check(self, config: RunConfig, store: ClipStore, resume: bool) -> None:
        """Make sure, without writing, that a run with this config and store may write here.

        Raises:
            ATMGCNError: If the folder holds something else, or a run and ``resume`` is false, or a run with other
                settings or another store.
        """
        if self.path.exists() and not self.path.is_dir():
            raise ATMGCNError(f"{self.path}: is a file; name a folder for the run")
        if not self.is_begun:
            if self.path.exists() and any(map(self._is_foreign, self.path.iterdir())):
                raise ATMGCNError(f"{self.path}: exists and is no run of atm-gcn; name another folder")
            return
        if not resume:
            raise ATMGCNError(
                f"{self.path}: holds a run already; add --resume to go on with it, or name another folder"
            )
        difference = self.difference(config, store)
        if difference:
            raise ATMGCNError(
                f"{self.path}: was begun with {difference}; repeat the options of the run, or name another folder"
            )

    def difference(self, config: RunConfig, store: ClipStore) -> str:
        """Why the run that was begun here cannot be resumed with this config and store; empty if it can be."""
        asked = settle_threads(config, [self])
        setting = _first_difference(self.config.model_dump(), asked.model_dump())
        if setting:
            return f"other settings, {setting}"
        begun = self.record.store.checksum
        if begun != store.checksum:
            return f"other clips (checksum {begun[:12]}, {store.name} has {store.checksum[:12]})"
        return ""

    @property
    def is_begun(self) -> bool:
        """Whether a run was begun here."""
        return self._config_file.exists()

    @property
    def config(self) -> RunConfig:
        """The settings of the run.

        Raises:
            ATMGCNError: If this is not the folder of a run.
        """
        refuse_special(self._config_file)
        if not self._config_file.is_file():
            raise ATMGCNError(f"{self.path}: is not the folder of a run; it lacks {self._config_file.name}")
        return RunConfig.load(self._config_file, is_record=True)

    @property
    def record(self) -> RunRecord:
        """The content of ``run.json``.

        Raises:
            ATMGCNError: If it is missing or damaged, or ``config.yaml`` was changed after the run had begun.
        """
        if not self.is_begun:
            raise ATMGCNError(f"{self.path}: is not the folder of a run; it lacks {self._config_file.name}")
        return read_run_record(self._record_file, self._config_file)

    def was_trained_on(self, store: ClipStore) -> bool:
        """Whether this is the folder of a run on ``store``."""
        return self.is_begun and self.record.store.checksum == store.checksum

    def task_folder(self, task: "Task") -> Path:
        """The folder of a task."""
        return fold_folder(self.path, task.path)

    def pending(self, tasks: "Iterable[Task]") -> "list[Task]":
        """The tasks that are not finished, or whose files are not those that were written when they ended.

        A warning names each of the latter.
        """
        digest = self.record.digest
        return [task for task in tasks if not self._is_finished(task, digest)]

    def _is_finished(self, task: "Task", digest: str) -> bool:
        folder = self.task_folder(task)
        try:
            record = read_record(folder, digest, task.fold.name, task.seed)
            if record is not None:
                check_files(folder, record)
        except ATMGCNError as error:
            log.warning("%s; the fold is trained again", str(error).partition(";")[0])
            return False
        return record is not None

    def save_fold(self, task: "Task", result: "FoldResult", config: RunConfig, store: ClipStore) -> None:
        """Write a fold: its model, log and predictions, then the record, which marks it as finished."""
        folder, names = self.task_folder(task), config.model.names
        metadata = {
            "data": config.data.model_dump(mode="json"),
            "held_out": task.fold.name,
            "card": model_card(config, store, task, result),
        }
        if config.train.compute.save_models or config.train.protocol.kind == "all":
            save_checkpoint(folder / MODEL, result.state_dict, config.model, metadata)
        write_log(folder, result.log)
        write_predictions(folder / PREDICTIONS, OUTCOMES[config.model.task].rows(result, names), names)
        write_record(folder, self.record.digest, task.fold.name, task.seed)
        (folder / STATE).unlink(missing_ok=True)

    def clear_up(self, tasks: "Iterable[Task]") -> None:
        """Remove what a killed process may have left: incomplete files, and the states of finished tasks.

        Args:
            tasks: The finished tasks.
        """
        remove_leftovers(self.path, WRITTEN)
        for task in tasks:
            (self.task_folder(task) / STATE).unlink(missing_ok=True)

    def _is_foreign(self, file: Path) -> bool:
        """Whether a file could not have been left by a run that ended before it had a config.yaml."""
        return file.name not in FIRST_WRITTEN and not is_leftover(file.name, WRITTEN)

    @property
    def _config_file(self) -> Path:
        return self.path / CONFIG

    @property
    def _record_file(self) -> Path:
        return self.path / RUN_RECORD


def settle_threads(config: RunConfig, folders: Iterable[RunFolder]) -> RunConfig:
    """The config with a number for ``train.compute.threads`` if it has none.

    It is the number of the first run that was begun in one of ``folders``, so that the run can be resumed on a machine
    with another number of cores and give the same bytes; otherwise the default of this machine.
    """
    if config.train.compute.threads:
        return config
    recorded = (folder.config.train.compute.threads for folder in folders if folder.is_begun)
    return config.merge({"train": {"compute": {"threads": next(recorded, None) or default_threads()}}})


def _first_difference(begun: dict[str, Any], asked: dict[str, Any], prefix: str = "") -> str:
    """The first setting that differs, as ``"train.optim.lr was 0.1 and is 0.2"``; empty if none does."""
    for key, value in begun.items():
        name, other = f"{prefix}{key}", asked[key]
        if isinstance(value, dict):
            difference = _first_difference(value, other, f"{name}.")
            if difference:
                return difference
        elif value != other and name not in FREE_SETTINGS:
            return f"{name} was {written(value)} and is {written(other)}"
    return ""

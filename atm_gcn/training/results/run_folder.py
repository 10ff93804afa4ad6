"""The folder of a run: what is in it, and when a fold in it counts as finished.

::

    config.yaml              every setting
    run.json                 which store it was trained on, by checksum, by which version, the digest of config.yaml,
                             and the folder of every fold
    folds/<fold>/            model.safetensors, log.jsonl, predictions.csv, and fold.json, which is written last; while
                             the fold trains, log.jsonl and from time to time state.safetensors
    lock                     while a process writes here
    predictions.csv          clip, subject, label, predicted, one column a class
    metrics.json             the scores of all folds together
    confusion.png            the confusion matrix, drawn
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from atm_gcn.checkpoint import FILE_NAME, load_checkpoint, save_checkpoint
from atm_gcn.config import RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.data.identity import normal
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import write_text
from atm_gcn.files.lock import FILE_NAME as LOCK
from atm_gcn.files.lock import locked
from atm_gcn.files.refusals import reason, refuse_links, refuse_special
from atm_gcn.files.writing import is_leftover, remove_leftovers
from atm_gcn.training.devices.device import default_threads
from atm_gcn.training.loop.checkpointing import LOG, read_log, write_log
from atm_gcn.training.loop.fold import FoldResult
from atm_gcn.training.loop.state import FILE_NAME as STATE
from atm_gcn.training.protocol.tasks import Task
from atm_gcn.training.results.fold_record import FILE_NAME as RECORD
from atm_gcn.training.results.fold_record import check_files, read_record, write_record
from atm_gcn.training.results.model_card import model_card
from atm_gcn.training.results.predictions import FILE_NAME as PREDICTIONS
from atm_gcn.training.results.predictions import Prediction, predictions_of, read_predictions, write_predictions
from atm_gcn.training.results.run_record import FILE_NAME as RUN_RECORD
from atm_gcn.training.results.run_record import RunRecord, read_run_record, write_run_record
from atm_gcn.version import __version__

log = logging.getLogger(__name__)

FILES = {"config.yaml", "metrics.json", "confusion.png", RUN_RECORD, FILE_NAME, LOG, PREDICTIONS, STATE}
FREE_SETTINGS = {  # where, how fast and what else to write, not what to train
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
    def opened(self, config: RunConfig, store: ClipStore, tasks: Sequence[Task], resume: bool) -> Iterator[None]:
        """Make the folder, or enter one that an equal run began, and hold it for this process.

        Args:
            config: Every setting.
            store: The clips.
            tasks: All that the run consists of.
            resume: Whether a run that was begun may go on.

        Raises:
            ATMGCNError: See :meth:`check`; or if another process holds the folder.
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

    def _begin(self, config: str, store: ClipStore, tasks: Sequence[Task], version: str) -> None:
        write_run_record(self._record_file, config, store, tasks, version)
        write_text(self._config_file, config)

    def check(self, config: RunConfig, store: ClipStore, resume: bool) -> None:
        """Tell whether a run with this config and store may write here, without writing.

        Raises:
            ATMGCNError: If the folder holds something else, or a run that is not to be resumed, or one with other
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
        asked = settle_threads(config, [self])
        difference = _first_difference(self.config.model_dump(), asked.model_dump())
        if difference:
            raise ATMGCNError(f"{self.path}: was begun with other settings, {difference}; name another folder")
        begun = self.record.store.checksum
        if begun != store.checksum:
            raise ATMGCNError(
                f"{self.path}: was begun with another frame store (checksum {begun[:12]}, {store.path} has "
                f"{store.checksum[:12]}); name another folder"
            )

    @property
    def is_begun(self) -> bool:
        """Whether a run was begun here."""
        return self._config_file.exists()

    @property
    def config(self) -> RunConfig:
        """The settings of the run.

        Raises:
            ATMGCNError: If the folder is not one of a run.
        """
        refuse_special(self._config_file)
        if not self._config_file.is_file():
            raise ATMGCNError(f"{self.path}: is no folder of a run; it lacks {self._config_file.name}")
        return RunConfig.load(self._config_file, log_flat_keys=False)

    @property
    def record(self) -> RunRecord:
        """What ``run.json`` says.

        Raises:
            ATMGCNError: If it is missing or damaged, or ``config.yaml`` is another than when the run was begun.
        """
        if not self.is_begun:
            raise ATMGCNError(f"{self.path}: is no folder of a run; it lacks {self._config_file.name}")
        return read_run_record(self._record_file, self._config_file)

    def was_trained_on(self, store: ClipStore) -> bool:
        """Whether this is the folder of a run on ``store``."""
        return self.is_begun and self.record.store.checksum == store.checksum

    def task_folder(self, task: Task) -> Path:
        """Folder of one fold trained with one seed."""
        return self.path / "folds" / task.path

    def pending(self, tasks: Iterable[Task]) -> list[Task]:
        """The tasks that are not finished, or whose files are not those that were written when they ended.

        A warning names each of the latter.
        """
        digest = self.record.digest
        return [task for task in tasks if not self._is_finished(task, digest)]

    def _is_finished(self, task: Task, digest: str) -> bool:
        folder = self.task_folder(task)
        try:
            record = read_record(folder, digest, task.fold.name, task.seed)
            if record is not None:
                check_files(folder, record)
        except ATMGCNError as error:
            log.warning("%s; the fold is trained again", str(error).partition(";")[0])
            return False
        return record is not None

    def save_fold(self, task: Task, result: FoldResult, config: RunConfig, store: ClipStore) -> None:
        """Write a fold: the model, the log and the predictions, then the record, which marks it as finished."""
        folder, names = self.task_folder(task), config.model.class_names
        metadata = {
            "data": config.data.model_dump(mode="json"),
            "held_out": task.fold.name,
            "card": model_card(config, store, task, result),
        }
        save_checkpoint(folder / FILE_NAME, result.state_dict, config.model, metadata)
        write_log(folder, result.log)
        write_predictions(folder / PREDICTIONS, predictions_of(result, names), names)
        write_record(folder, self.record.digest, task.fold.name, task.seed)
        (folder / STATE).unlink(missing_ok=True)

    def adopt(self, tasks: Iterable[Task], store: ClipStore) -> None:
        """Make finished folds of earlier versions finished folds of this one.

        Some of them lie in a folder of another name, and none has a record. A fold is known by its name, which its
        checkpoint holds, and taken if its predictions are those of the task's held-out clips.
        """
        tasks, digest = list(tasks), self.record.digest
        known = {self.task_folder(task) for task in tasks}
        for task in tasks:
            folder = self.task_folder(task)
            if not (folder / RECORD).exists() and self._is_result_of(folder, task, store):
                write_record(folder, digest, task.fold.name, task.seed)
        strays = [file.parent for file in self.path.glob(f"folds/**/{FILE_NAME}") if file.parent not in known]
        for stray in strays:
            for task in tasks:
                folder = self.task_folder(task)
                if not folder.exists() and self._is_result_of(stray, task, store):
                    folder.parent.mkdir(parents=True, exist_ok=True)
                    stray.rename(folder)
                    write_record(folder, digest, task.fold.name, task.seed)
                    break

    @staticmethod
    def _is_result_of(folder: Path, task: Task, store: ClipStore) -> bool:
        """Whether a folder without a record holds what a task gives."""
        held_out = {(store.clips[i].clip.key, store.clips[i].clip.label) for i in task.fold.test}
        try:
            metadata = load_checkpoint(folder)[2]
            rows = read_predictions(folder / PREDICTIONS)
            read_log(folder / LOG)
        except ATMGCNError:
            return False
        is_named = normal(str(metadata.get("held_out", ""))) == task.fold.name and task.folder in ("", folder.name)
        return is_named and {(row.clip, row.label) for row in rows} == held_out

    def clear_up(self, tasks: Iterable[Task]) -> None:
        """Remove what a process that was killed may have left: halves of files, and states of finished tasks.

        Args:
            tasks: Those that are finished.
        """
        remove_leftovers(self.path, FILES)
        for task in tasks:
            (self.task_folder(task) / STATE).unlink(missing_ok=True)

    def fold_predictions(self, task: Task) -> list[Prediction]:
        """The predictions of a finished task."""
        return read_predictions(self.task_folder(task) / PREDICTIONS)

    def _is_foreign(self, file: Path) -> bool:
        """Whether a file could not have been left by a run that ended before it had a config.yaml."""
        return file.name not in {LOCK, RUN_RECORD} and not is_leftover(file.name, FILES)

    @property
    def _config_file(self) -> Path:
        return self.path / "config.yaml"

    @property
    def _record_file(self) -> Path:
        return self.path / RUN_RECORD


def settle_threads(config: RunConfig, folders: Iterable[RunFolder]) -> RunConfig:
    """The config with a number for ``train.compute.threads`` where it has none.

    That is the number of the first run that was begun in one of ``folders``, so that it goes on with equal bytes on a
    machine with other cores; the default of this machine if there is none.
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
            return f"{name} was {value} and is {other}"
    return ""

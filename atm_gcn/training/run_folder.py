"""The folder of a run: what is in it, and when a fold in it counts as finished.

::

    config.yaml              every setting
    run.json                 which store it was trained on, by checksum, and by which version
    folds/<fold>/            model.safetensors, log.jsonl, and predictions.csv, which is written last; while the fold
                             trains, log.jsonl and from time to time state.safetensors
    lock                     while a process writes here
    predictions.csv          clip, subject, label, predicted, one column a class
    metrics.json             the scores of all folds together
    confusion.png            the confusion matrix, drawn
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from atm_gcn.checkpoint import FILE_NAME, load_checkpoint, save_checkpoint
from atm_gcn.config import RunConfig
from atm_gcn.data import FrameStore
from atm_gcn.data.identity import normal
from atm_gcn.errors import ATMGCNError
from atm_gcn.files import write_json, write_text
from atm_gcn.files.lock import FILE_NAME as LOCK
from atm_gcn.files.lock import locked
from atm_gcn.files.refusals import refuse_links
from atm_gcn.files.writing import is_leftover, remove_leftovers
from atm_gcn.training.card import model_card
from atm_gcn.training.device import default_threads
from atm_gcn.training.fold import FoldResult
from atm_gcn.training.keeping import write_log
from atm_gcn.training.predictions import Prediction, predictions_of, read_predictions, write_predictions
from atm_gcn.training.state import FILE_NAME as STATE
from atm_gcn.training.tasks import Task
from atm_gcn.version import __version__

FREE_SETTINGS = {  # where, how fast and what else to write, not what to train
    "train.device",
    "train.gpus_per_fold",
    "train.num_workers",
    "train.save_every",
    "train.tensorboard",
}


class RunFolder:
    """A run on disk.

    Args:
        path: The folder, which need not exist yet.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @contextmanager
    def opened(self, config: RunConfig, store: FrameStore, resume: bool) -> Iterator[None]:
        """Make the folder, or enter one that an equal run began, and hold it for this process.

        Raises:
            ATMGCNError: See :meth:`check`; or if another process holds the folder.
        """
        self.check(config, store, resume)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ATMGCNError(f"{self.path}: cannot be made ({error.strerror})") from error
        refuse_links(self.path)
        with locked(self.path):
            self.check(config, store, resume)  # another process may have begun here in between
            if not self.is_begun:
                about = {
                    "atm_gcn": __version__,
                    "store": {"checksum": store.meta["checksum"], "path": str(store.path.absolute())},
                }
                write_json(self._about_file, about)
                write_text(self._config_file, config.to_yaml())
            yield

    def check(self, config: RunConfig, store: FrameStore, resume: bool) -> None:
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
        begun = self._about["store"]["checksum"]
        if begun != store.meta["checksum"]:
            raise ATMGCNError(
                f"{self.path}: was begun with another frame store (checksum {begun[:12]}, {store.path} has "
                f"{store.meta['checksum'][:12]}); name another folder"
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
        if not self._config_file.is_file():
            raise ATMGCNError(f"{self.path}: is no folder of a run; it lacks {self._config_file.name}")
        return RunConfig.load(self._config_file)

    @property
    def store_path(self) -> Path:
        """Where the frame store lay that the run was begun with.

        Raises:
            ATMGCNError: If the folder does not say.
        """
        return Path(self._about["store"]["path"])

    @property
    def store_checksum(self) -> str:
        """Checksum of that frame store."""
        return self._about["store"]["checksum"]

    @property
    def version(self) -> str:
        """The atm_gcn that the run was begun with."""
        return self._about["atm_gcn"]

    def was_trained_on(self, store: FrameStore) -> bool:
        """Whether this is the folder of a run on ``store``."""
        return self._about_file.is_file() and self._about["store"]["checksum"] == store.meta["checksum"]

    def task_folder(self, task: Task) -> Path:
        """Folder of one fold trained with one seed."""
        return self.path / "folds" / task.path

    def is_finished(self, task: Task) -> bool:
        """Whether everything of a task is there."""
        return (self.task_folder(task) / "predictions.csv").is_file()

    def save_fold(self, task: Task, result: FoldResult, config: RunConfig, store: FrameStore) -> None:
        """Write a fold: the model and the log, and the predictions last, which mark it as finished."""
        folder, names = self.task_folder(task), config.model.class_names
        metadata = {
            "data": config.data.model_dump(mode="json"),
            "held_out": task.fold.name,
            "card": model_card(config, store, task, result),
        }
        save_checkpoint(folder / FILE_NAME, result.state_dict, config.model, metadata)
        write_log(folder, result.log)
        write_predictions(folder / "predictions.csv", predictions_of(result, names), names)
        (folder / STATE).unlink(missing_ok=True)

    def adopt(self, tasks: Iterable[Task]) -> None:
        """Give finished folds that lie in a folder of another name, as earlier versions named some, the task's folder.

        A fold is known by its name, which its checkpoint holds.
        """
        tasks = list(tasks)
        known = {self.task_folder(task) for task in tasks}
        strays = [file.parent for file in self.path.glob(f"folds/**/{FILE_NAME}") if file.parent not in known]
        for stray in strays:
            name = normal(load_checkpoint(stray)[2].get("held_out", ""))
            for task in tasks:
                of_task = task.fold.name == name and task.folder in ("", stray.name)
                if of_task and not self.is_finished(task) and (stray / "predictions.csv").is_file():
                    shutil.rmtree(self.task_folder(task), ignore_errors=True)
                    self.task_folder(task).parent.mkdir(parents=True, exist_ok=True)
                    stray.rename(self.task_folder(task))
                    break

    def clear_up(self, tasks: Iterable[Task]) -> None:
        """Remove what a process that was killed may have left: halves of files, and states of finished tasks."""
        remove_leftovers(self.path)
        for task in tasks:
            if self.is_finished(task):
                (self.task_folder(task) / STATE).unlink(missing_ok=True)

    def fold_predictions(self, task: Task) -> list[Prediction]:
        """The predictions of a finished task."""
        return read_predictions(self.task_folder(task) / "predictions.csv")

    @property
    def metrics(self) -> dict[str, Any]:
        """The scores of a finished run.

        Raises:
            ATMGCNError: If there are none.
        """
        file = self.path / "metrics.json"
        if not file.is_file():
            self.config  # noqa: B018  says so where the folder is no run at all
            raise ATMGCNError(f"{self.path}: is not finished, it lacks {file.name}; go on with atm-gcn train --resume")
        return json.loads(file.read_text(encoding="utf-8"))

    def _is_foreign(self, file: Path) -> bool:
        """Whether a file could not have been left by a run that ended before it had a config.yaml."""
        return file.name not in {LOCK, self._about_file.name} and not is_leftover(file)

    @property
    def _config_file(self) -> Path:
        return self.path / "config.yaml"

    @property
    def _about_file(self) -> Path:
        return self.path / "run.json"

    @property
    def _about(self) -> dict[str, Any]:
        try:
            return json.loads(self._about_file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ATMGCNError(f"{self._about_file}: is missing or damaged; name another folder for the run") from error


def settle_threads(config: RunConfig, folders: Iterable[RunFolder]) -> RunConfig:
    """The config with a number for ``train.threads`` where it has none.

    That is the number of the first run that was begun in one of ``folders``, so that it goes on with equal bytes on a
    machine with other cores; the default of this machine if there is none.
    """
    if config.train.threads:
        return config
    recorded = (folder.config.train.threads for folder in folders if folder.is_begun)
    return config.merge({"train": {"threads": next(recorded, None) or default_threads()}})


def _first_difference(begun: dict[str, Any], asked: dict[str, Any], prefix: str = "") -> str:
    """The first setting that differs, as ``"train.lr was 0.1 and is 0.2"``; empty if none does."""
    for key, value in begun.items():
        name, other = f"{prefix}{key}", asked[key]
        if isinstance(value, dict):
            difference = _first_difference(value, other, f"{name}.")
            if difference:
                return difference
        elif value != other and name not in FREE_SETTINGS:
            return f"{name} was {value} and is {other}"
    return ""

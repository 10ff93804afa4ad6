"""Runs of versions that kept no records of folds: which folds are finished, and how a resumed run takes them over."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from atm_gcn.checkpoint import inspect_checkpoint
from atm_gcn.data import ClipStore
from atm_gcn.data.identity import normal
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.loop.log_file import read_log
from atm_gcn.training.results.fold_record import write_record
from atm_gcn.training.results.layout import FOLD_RECORD, LOG, PREDICTIONS, folders_with_models
from atm_gcn.training.results.predictions import read_predictions
from atm_gcn.training.results.run_folder import RunFolder

if TYPE_CHECKING:
    from atm_gcn.training.protocol.tasks import Task


def finished_without_record(run: RunFolder) -> list[tuple[Path, int | None]]:
    """The folders of finished folds, each with its seed if the run has several."""
    several = run.config.train.protocol.seeds > 1
    return [
        (folder, inspect_checkpoint(folder)[2].get("card", {}).get("seed") if several else None)
        for folder in folders_with_models(run.path)
        if (folder / PREDICTIONS).is_file()
    ]


def add_records(run: RunFolder, tasks: "Iterable[Task]", store: ClipStore) -> None:
    """Give finished folds their records, and move those that lie in a folder of another name.

    A fold is recognised by its name, which its checkpoint holds, and accepted if its predictions are those of the
    task's held-out clips.
    """
    tasks, digest = list(tasks), run.record.digest
    known = {run.task_folder(task) for task in tasks}
    for task in tasks:
        folder = run.task_folder(task)
        if not (folder / FOLD_RECORD).exists() and _is_result_of(folder, task, store):
            write_record(folder, digest, task.fold.name, task.seed)
    for stray in folders_with_models(run.path):
        for task in tasks if stray not in known else ():
            folder = run.task_folder(task)
            if not folder.exists() and _is_result_of(stray, task, store):
                folder.parent.mkdir(parents=True, exist_ok=True)
                stray.rename(folder)
                write_record(folder, digest, task.fold.name, task.seed)
                break


def _is_result_of(folder: Path, task: "Task", store: ClipStore) -> bool:
    """Whether a folder without a record holds the result of a task."""
    held_out = {(store.clips[i].clip.key, store.clips[i].clip.label) for i in task.fold.test}
    try:
        metadata = inspect_checkpoint(folder)[2]
        rows = read_predictions(folder / PREDICTIONS)
        read_log(folder / LOG)
    except ATMGCNError:
        return False
    is_named = normal(str(metadata.get("held_out", ""))) == task.fold.name and task.folder in ("", folder.name)
    return is_named and {(row.clip, row.label) for row in rows} == held_out

"""Which tasks a run consists of, and what their results say together."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from atm_gcn.checkpoint import FILE_NAME
from atm_gcn.config import ProtocolConfig, RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.data.clip import Clip
from atm_gcn.data.store import JoinedStore
from atm_gcn.files import replacing, write_json
from atm_gcn.training.protocol.leakage import check_leakage, ties_of
from atm_gcn.training.protocol.splits import (
    Fold,
    across_datasets,
    clips_and_labels,
    k_folds,
    leave_one_subject_out,
    train_on_all,
    with_validation,
)
from atm_gcn.training.protocol.tasks import Task, fold_folders
from atm_gcn.training.results.predictions import FILE_NAME as PREDICTIONS
from atm_gcn.training.results.predictions import Prediction, write_predictions
from atm_gcn.training.results.run_folder import RunFolder
from atm_gcn.training.results.summary import draw_confusion, summarize, summarize_seeds

METRICS = "metrics.json"


def folds_of(settings: ProtocolConfig, store: ClipStore) -> list[Fold]:
    """The folds of a protocol, before validation subjects are set apart.

    Raises:
        ATMGCNError: If the store has too few subjects or datasets for it.
    """
    clips, _ = clips_and_labels(store)
    if settings.kind == "all":
        return train_on_all(clips)
    if settings.kind == "kfold":
        return k_folds(clips, settings.folds, settings.seed)
    if settings.kind == "loso":
        return leave_one_subject_out(clips)
    if isinstance(store, JoinedStore):
        positions = range(len(clips))
        return [Fold("test", train=list(positions[: store.boundary]), test=list(positions[store.boundary :]))]
    return across_datasets(clips, settings.test or ())


def tasks_of(config: RunConfig, store: ClipStore) -> list[Task]:
    """Every fold of the protocol once with every seed.

    Raises:
        ATMGCNError: If the store does not fit the protocol, or something would be on two sides of a fold.
    """
    settings = config.train.protocol
    clips, _ = clips_and_labels(store)
    folds, ties = folds_of(settings, store), ties_of(store, config.data)
    folders = fold_folders(fold.name for fold in folds)
    tasks = [
        Task(
            _validated(fold, clips, settings, seed),
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


def _validated(fold: Fold, clips: Sequence[Clip], settings: ProtocolConfig, seed: int) -> Fold:
    count = settings.validation_subjects
    return with_validation(fold, clips, count, seed) if count else fold


def describe(settings: ProtocolConfig) -> str:
    """The protocol in a phrase: who is held out, and which epoch's model is taken."""
    held_out = {
        "loso": "leave-one-subject-out",
        "kfold": f"{settings.folds} folds by subject, a quick look and not leave-one-subject-out",
        "cross": f"trained on other datasets than the tested {', '.join(settings.test or ['frame store'])}",
        "all": "trained on all clips, not tested",
    }
    if not settings.validation_subjects:
        return f"{held_out[settings.kind]}, last epoch"
    best = {"uf1": "highest UF1", "loss": "lowest loss"}[settings.select]
    return f"{held_out[settings.kind]}, epoch of {best} on {settings.validation_subjects} of the training subjects"


def finish(folder: RunFolder, config: RunConfig, tasks: Sequence[Task]) -> dict[str, Any]:
    """Write what all tasks say together, from their files on disk; the order in which they ended is not seen in it.

    That is predictions.csv, metrics.json and confusion.png, or, where nobody was held out, the model itself.
    """
    if config.train.protocol.kind == "all":
        metrics = _ship(folder, config, tasks[0])
    else:
        seeds = [task.seed if config.train.protocol.seeds > 1 else None for task in tasks]
        each = [(folder.fold_predictions(task), seed) for task, seed in zip(tasks, seeds, strict=True)]
        rows = [replace(row, seed=seed) for fold, seed in each for row in fold]
        write_predictions(folder.path / PREDICTIONS, rows, config.model.class_names)
        metrics = score(rows, config)
        draw_confusion(metrics, folder.path / "confusion.png")
    write_json(folder.path / METRICS, metrics)
    return metrics


def score(predictions: list[Prediction], config: RunConfig) -> dict[str, Any]:
    """The content of ``metrics.json``, from the predictions of all folds and seeds."""
    summary = summarize_seeds if config.train.protocol.seeds > 1 else summarize
    return summary(predictions, config.model.class_names, config.train.protocol.seed, describe(config.train.protocol))


def _ship(folder: RunFolder, config: RunConfig, task: Task) -> dict[str, Any]:
    with replacing(folder.path / FILE_NAME) as partial:
        shutil.copyfile(folder.task_folder(task) / FILE_NAME, partial)
    return {
        "class_names": config.model.class_names,
        "num_clips": len(task.fold.train) + len(task.fold.validation),
        "seed": task.seed,
        "protocol": describe(config.train.protocol),
    }

"""The results of a whole run, from the files of its folds: scores, predictions, and the confusion matrix."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from atm_gcn.config import RunConfig
from atm_gcn.files import replacing, write_json
from atm_gcn.training.protocol.description import describe_protocol
from atm_gcn.training.results.layout import CONFUSION, METRICS, MODEL, PREDICTIONS
from atm_gcn.training.results.outcomes import OUTCOMES
from atm_gcn.training.results.predictions import Prediction, read_predictions, write_predictions
from atm_gcn.training.results.run_folder import RunFolder

if TYPE_CHECKING:
    from atm_gcn.training.protocol.tasks import Task


def write_run_scores(folder: RunFolder, config: RunConfig, tasks: "Sequence[Task]") -> dict[str, Any]:
    """Write the results over all tasks, from their files; they do not depend on the order in which the tasks ended.

    These are predictions.csv, metrics.json and confusion.png; or, if no clip is held out, metrics.json and the model.

    Returns:
        The content of metrics.json.
    """
    if config.train.protocol.kind == "all":
        metrics = _copy_model(folder, config, tasks[0])
    else:
        rows, outcome = [], OUTCOMES[config.model.task]
        for task in tasks:
            seed = task.seed if config.train.protocol.seeds > 1 else None
            found = read_predictions(folder.task_folder(task) / PREDICTIONS, outcome.check)
            rows += [replace(row, seed=seed) for row in found]
        write_predictions(folder.path / PREDICTIONS, rows, config.model.names)
        metrics = score(rows, config)
        outcome.draw(metrics, folder.path / CONFUSION)
    write_json(folder.path / METRICS, metrics)
    return metrics


def score(predictions: list[Prediction], config: RunConfig) -> dict[str, Any]:
    """The content of metrics.json, from the predictions of all folds and seeds."""
    settings = config.train.protocol
    score_all = OUTCOMES[config.model.task].score
    return score_all(predictions, config.model.names, settings.seed, settings.seeds > 1, _protocol(config))


def _protocol(config: RunConfig) -> str:
    optim = config.train.optim
    return describe_protocol(config.train.protocol, min(optim.average_epochs, optim.epochs))


def _copy_model(folder: RunFolder, config: RunConfig, task: "Task") -> dict[str, Any]:
    with replacing(folder.path / MODEL) as partial:
        shutil.copyfile(folder.task_folder(task) / MODEL, partial)
    task_named = {} if config.model.task == "emotion" else {"task": config.model.task}
    return {
        **task_named,
        "class_names": config.model.class_names,
        "num_clips": len(task.fold.train) + len(task.fold.validation),
        "seed": task.seed,
        "protocol": _protocol(config),
    }

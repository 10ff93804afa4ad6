"""Which tasks a run consists of, and what their results say together."""

from collections.abc import Sequence
from typing import Any

from atm_gcn.config import RunConfig
from atm_gcn.data import FrameStore
from atm_gcn.files import write_json
from atm_gcn.training.predictions import write_predictions
from atm_gcn.training.run_folder import RunFolder
from atm_gcn.training.splits import clips_and_labels, leave_one_subject_out
from atm_gcn.training.summary import draw_confusion, summarize
from atm_gcn.training.tasks import Task


def tasks_of(config: RunConfig, store: FrameStore) -> list[Task]:
    """Every subject of the store held out once."""
    clips, _ = clips_and_labels(store)
    return [Task(fold, config.train.seed) for fold in leave_one_subject_out(clips)]


def finish(folder: RunFolder, config: RunConfig, tasks: Sequence[Task]) -> dict[str, Any]:
    """Write predictions.csv, metrics.json and confusion.png from the folds on disk; the order in which they ended is
    not seen in them."""
    predictions = [row for task in tasks for row in folder.fold_predictions(task)]
    names = config.model.class_names
    metrics = summarize(predictions, names, config.train.seed)
    write_predictions(folder.path / "predictions.csv", predictions, names)
    draw_confusion(metrics, folder.path / "confusion.png")
    write_json(folder.path / "metrics.json", metrics)
    return metrics

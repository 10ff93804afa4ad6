"""A run: every subject held out once, and what all folds say together."""

import logging
from pathlib import Path
from typing import Any

from atm_gcn.config import RunConfig
from atm_gcn.data import FrameStore
from atm_gcn.files import write_json
from atm_gcn.training.fold import train_fold
from atm_gcn.training.predictions import write_predictions
from atm_gcn.training.preflight import check_run
from atm_gcn.training.progress import Progress
from atm_gcn.training.run_folder import RunFolder
from atm_gcn.training.summary import draw_confusion, summarize

log = logging.getLogger(__name__)


def run_leave_one_subject_out(
    config: RunConfig, store: FrameStore, out: str | Path, resume: bool = False
) -> dict[str, Any]:
    """Train and test every fold, and write the run's folder (see :mod:`atm_gcn.training.run_folder`).

    Args:
        config: From :func:`~atm_gcn.training.preflight.resolve`.
        store: Clips of two subjects or more.
        out: Folder of the run.
        resume: Go on with a run that lies there; its finished folds are kept.

    Returns:
        The content of metrics.json.

    Raises:
        ATMGCNError: Before anything is written, if config, store and folder do not go together.
    """
    subjects = check_run(config, store)
    folder = RunFolder(out)
    folder.open(config, store, resume)
    pending = [subject for subject in subjects if not folder.is_finished(subject)]
    if len(pending) < len(subjects):
        log.info("%d of %d folds are finished already", len(subjects) - len(pending), len(subjects))
    with Progress(len(pending), config.train.epochs) as progress:
        for subject in pending:
            progress.begin_fold(subject)
            result = train_fold(config, store, subject, on_epoch=progress.end_epoch)
            folder.save_fold(result, config)
            progress.end_fold(result)
    return _finish(folder, config, subjects)


def _finish(folder: RunFolder, config: RunConfig, subjects: list[str]) -> dict[str, Any]:
    predictions = [row for subject in subjects for row in folder.fold_predictions(subject)]
    names = config.model.class_names
    metrics = summarize(predictions, names, config.train.seed)
    write_predictions(folder.path / "predictions.csv", predictions, names)
    draw_confusion(metrics, folder.path / "confusion.png")
    write_json(folder.path / "metrics.json", metrics)
    return metrics

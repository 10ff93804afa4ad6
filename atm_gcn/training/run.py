"""A run: every task of the protocol trained once, and what all of them say together."""

import logging
from pathlib import Path
from typing import Any

from atm_gcn.config import RunConfig
from atm_gcn.data import FrameStore
from atm_gcn.training.fold import train_fold
from atm_gcn.training.preflight import check_run
from atm_gcn.training.progress import Progress
from atm_gcn.training.protocol import finish, tasks_of
from atm_gcn.training.run_folder import RunFolder

log = logging.getLogger(__name__)


def run_folds(config: RunConfig, store: FrameStore, out: str | Path, resume: bool = False) -> dict[str, Any]:
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
    check_run(config, store)
    tasks = tasks_of(config, store)
    folder = RunFolder(out)
    folder.open(config, store, resume)
    pending = [task for task in tasks if not folder.is_finished(task)]
    if len(pending) < len(tasks):
        log.info("%d of %d folds are finished already", len(tasks) - len(pending), len(tasks))
    with Progress(len(pending), config.train.epochs) as progress:
        for task in pending:
            progress.begin_fold(task.label)
            result = train_fold(config, store, task.fold, task.fold_seed, on_epoch=progress.end_epoch)
            folder.save_fold(task, result, config)
            progress.end_fold(result)
    return finish(folder, config, tasks)

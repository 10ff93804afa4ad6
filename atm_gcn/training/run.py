"""A run: every task of the protocol trained once, and what all of them say together."""

import logging
from contextlib import closing
from pathlib import Path
from typing import Any

from atm_gcn.config import RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.errors import Interrupted
from atm_gcn.training.execution import Executor, Here, Work
from atm_gcn.training.interruption import StopRequest
from atm_gcn.training.preflight import check_run
from atm_gcn.training.progress import Progress
from atm_gcn.training.protocol.tasks_of_run import finish, tasks_of
from atm_gcn.training.results.run_folder import RunFolder, settle_threads

log = logging.getLogger(__name__)


def run_folds(
    config: RunConfig, store: ClipStore, out: str | Path, resume: bool = False, executor: Executor | None = None
) -> dict[str, Any]:
    """Train and test every fold, and write the run's folder (see :mod:`atm_gcn.training.results.run_folder`).

    While it lasts, SIGINT and SIGTERM save the state of every fold under way and then end the run.

    Args:
        config: From :func:`~atm_gcn.training.preflight.resolve`.
        store: Clips of two subjects or more.
        out: Folder of the run.
        resume: Go on with a run that lies there: finished folds are kept, others go on where they stood.
        executor: Where folds are trained; None is this process. It has no say in the result.

    Returns:
        The content of metrics.json.

    Raises:
        ATMGCNError: Before anything is written, if config, store and folder do not go together.
        Interrupted: After a signal.
    """
    check_run(config, store)
    folder = RunFolder(out)
    config = settle_threads(config, [folder])
    tasks = tasks_of(config, store)
    with folder.opened(config, store, tasks, resume), StopRequest() as stop:
        folder.adopt(tasks, store)
        pending = folder.pending(tasks)
        folder.clear_up(task for task in tasks if task not in pending)
        if len(pending) < len(tasks):
            log.info("%d of %d folds are finished already", len(tasks) - len(pending), len(tasks))
        work = Work(config, store, folder.path)
        try:
            with (
                Progress(len(pending), config.train.epochs) as progress,
                closing((executor or Here()).run(work, pending, progress, stop)) as results,
            ):
                for task, result in results:
                    folder.save_fold(task, result, config, store)
                    progress.end(task.label, result)
        except Interrupted as error:
            message = f"{out}: interrupted; go on with the same command and --resume"
            raise Interrupted(message, stop.signal or error.signal) from None
        return finish(folder, config, tasks)

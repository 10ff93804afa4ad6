"""A run: every task of the protocol trained once, and the scores of all of them together."""

import logging
from contextlib import closing
from pathlib import Path
from typing import Any

from atm_gcn.building import Builder, name_of
from atm_gcn.config import RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.errors import Interrupted
from atm_gcn.training.execution import Executor, RunContext, SerialExecutor
from atm_gcn.training.initial_models import with_initial_models
from atm_gcn.training.interruption import StopRequest
from atm_gcn.training.preflight import check_run
from atm_gcn.training.progress import Progress
from atm_gcn.training.protocol.tasks import tasks_of
from atm_gcn.training.results.earlier_runs import add_records
from atm_gcn.training.results.run_folder import RunFolder, settle_threads
from atm_gcn.training.results.run_scores import write_run_scores

log = logging.getLogger(__name__)


def run_folds(
    config: RunConfig,
    store: ClipStore,
    out: str | Path,
    resume: bool = False,
    executor: Executor | None = None,
    build_model: Builder | None = None,
) -> dict[str, Any]:
    """Train and test every fold, and write the run's folder (see :mod:`atm_gcn.training.results.layout`).

    During the run, SIGINT and SIGTERM save the state of every fold under way and then end the run.

    Args:
        config: From :func:`~atm_gcn.training.settings.resolve`.
        store: Clips of two subjects or more.
        out: Folder of the run.
        resume: Resume a run in that folder: finished folds are kept, others resume from their saved state.
        executor: Where folds are trained; None is this process. The result does not depend on it.
        build_model: Builds the models from ``config.model``, which records its name; see :mod:`atm_gcn.building`.

    Returns:
        The content of metrics.json.

    Raises:
        ATMGCNError: Before anything is written, if config, store and folder do not fit together.
        Interrupted: After a signal.
    """
    if build_model is not None:
        config = config.merge({"model": {"build_model": name_of(build_model)}})
    check_run(config, store, build_model)
    folder = RunFolder(out)
    config = settle_threads(config, [folder])
    tasks = with_initial_models(tasks_of(config, store), config, store)
    with folder.opened(config, store, tasks, resume), StopRequest() as stop:
        add_records(folder, tasks, store)
        pending = folder.pending(tasks)
        folder.clear_up(task for task in tasks if task not in pending)
        if len(pending) < len(tasks):
            log.info("%d of %d folds are already finished", len(tasks) - len(pending), len(tasks))
        context = RunContext(config, store, folder.path, build_model)
        try:
            with (
                Progress(len(pending), config.train.optim.epochs) as progress,
                closing((executor or SerialExecutor()).run(context, pending, progress, stop)) as results,
            ):
                for task, result in results:
                    folder.save_fold(task, result, config, store)
                    progress.end(task.label, result)
        except Interrupted as error:
            message = f"{out}: interrupted; go on with the same command and --resume"
            raise Interrupted(message, stop.signal or error.signal) from None
        return write_run_scores(folder, config, tasks)

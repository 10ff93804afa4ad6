"""Several runs on the same clips, each in its own folder, and the tables that they end in."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from atm_gcn.config import RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.files.outputs import GENERATOR
from atm_gcn.files.refusals import refuse_link, write_errors
from atm_gcn.training.results.run_folder import RunFolder, settle_threads

log = logging.getLogger(__name__)

PNG = "\x89PNG"
"""How a figure begins; that it is one of this program follows from its metadata."""
Run = Callable[[RunConfig, Path, bool], dict[str, Any]]  # config, folder, resume -> metrics


def train_all(
    configs: Mapping[str, RunConfig],
    folders: Mapping[str, Path],
    store: ClipStore,
    run: Run,
    resume: bool,
    tables: Mapping[Path, str],
) -> dict[str, dict[str, Any]]:
    """Train or resume every run.

    Args:
        configs: By the name of a run.
        folders: Likewise, where each is kept.
        store: The clips.
        run: Trains or resumes one of them.
        resume: Resume those that were begun.
        tables: Files that are written afterwards, and the first characters by which an earlier one is recognised.

    Returns:
        The content of metrics.json of each run.

    Raises:
        ATMGCNError: Before anything is written, if a config, the store and a folder do not fit together, or something
            else lies where a table is to be.
    """
    runs = {name: RunFolder(folder) for name, folder in folders.items()}
    settled = {name: settle_threads(config, runs.values()) for name, config in configs.items()}
    for name, config in settled.items():
        refuse_link(runs[name].path)
        runs[name].check(config, store, resume)
    for path, begins in tables.items():
        _check_table(path, begins)
    metrics = {}
    for number, (name, config) in enumerate(settled.items(), start=1):
        log.info("%d/%d: %s", number, len(settled), name)
        metrics[name] = run(config, folders[name], resume)
    return metrics


def _check_table(path: Path, begins: str) -> None:
    """Raise an :class:`ATMGCNError` if there is something other than an earlier table at ``path``."""
    refuse_link(path)
    if path.exists():
        with write_errors(path), path.open("rb") as file:
            found = file.read(1024)
        is_own = GENERATOR.encode() in found if begins == PNG else True
        if not found.startswith(begins.encode("latin-1")) or not is_own:
            raise ATMGCNError(f"{path}: is no table that this command wrote; rename it, or name another folder")

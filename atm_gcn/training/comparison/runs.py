"""Several runs on the same clips, each in its own folder, and the tables that they end in."""

import logging
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from atm_gcn.config import RunConfig
from atm_gcn.data import ClipStore
from atm_gcn.errors import ATMGCNError
from atm_gcn.files.outputs import GENERATOR
from atm_gcn.files.refusals import refuse_link, write_errors
from atm_gcn.files.writing import is_leftover
from atm_gcn.training.results.run_folder import RunFolder, settle_threads

log = logging.getLogger(__name__)

PNG = "\x89PNG"
"""How a figure begins; that it is one of this program follows from its metadata."""
Run = Callable[[RunConfig, Path, bool], dict[str, Any]]  # config, folder, resume -> metrics


def train_all(
    configs: Mapping[str, RunConfig],
    out: Path,
    folders: Mapping[str, Path],
    store: ClipStore,
    run: Run,
    resume: bool,
    tables: Mapping[str, str],
    others: Collection[str] = (),
    begin: Callable[[], None] = lambda: None,
) -> dict[str, dict[str, Any]]:
    """Train or resume every run.

    Args:
        configs: By the name of a run.
        out: The folder of all of them.
        folders: Where each run is kept, by its name.
        store: The clips.
        run: Trains or resumes one of them.
        resume: Resume those that were begun.
        tables: Files that are written to ``out`` afterwards, and the first characters by which an earlier one is
            recognised.
        others: Names of what else an earlier call may have left in ``out``.
        begin: Called before the first run, when all is checked.

    Returns:
        The content of metrics.json of each run.

    Raises:
        ATMGCNError: Before anything is written, if a config, the store and a folder do not fit together, or something
            else lies in the folder.
    """
    if any(config.model.task != "emotion" for config in configs.values()):
        raise ATMGCNError(
            "runs are compared by UF1, UAR and accuracy, which action units do not have; train each model with "
            "atm-gcn train --task action-units"
        )
    _check_folder(out, {*tables, *others, *(folder.name for folder in folders.values())})
    runs = {name: RunFolder(folder) for name, folder in folders.items()}
    settled = {name: settle_threads(config, runs.values()) for name, config in configs.items()}
    for name, config in settled.items():
        refuse_link(runs[name].path)
        runs[name].check(config, store, resume)
    for table, begins in tables.items():
        _check_table(out / table, begins)
    with write_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    begin()
    metrics = {}
    for number, (name, config) in enumerate(settled.items(), start=1):
        log.info("%d/%d: %s", number, len(settled), name)
        metrics[name] = run(config, folders[name], resume)
    return metrics


def _check_folder(out: Path, own: Collection[str]) -> None:
    """Raise an :class:`ATMGCNError` if a folder that no earlier call began holds anything."""
    if out.exists() and not out.is_dir():
        raise ATMGCNError(f"{out}: is a file; name a folder")
    names = sorted(file.name for file in out.iterdir()) if out.exists() else []
    foreign = [name for name in names if name not in own and not is_leftover(name)]
    if foreign and not any(name in own for name in names):
        raise ATMGCNError(f"{out}: holds {foreign[0]}, which this command did not write; name another folder")


def _check_table(path: Path, begins: str) -> None:
    """Raise an :class:`ATMGCNError` if there is something other than an earlier table at ``path``."""
    refuse_link(path)
    if path.exists():
        with write_errors(path), path.open("rb") as file:
            found = file.read(1024)
        is_own = GENERATOR.encode() in found if begins == PNG else True
        if not found.startswith(begins.encode("latin-1")) or not is_own:
            raise ATMGCNError(f"{path}: is no table that this command wrote; rename it, or name another folder")

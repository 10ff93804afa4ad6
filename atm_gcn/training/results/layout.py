"""The layout of a run's folder: the only module that knows the names and places of its files.

::

    config.yaml              every setting
    run.json                 the checksum of its frame store, the version that began it, the digest of config.yaml, and
                             the folder of every fold
    folds/<fold>/            model.safetensors, log.jsonl, predictions.csv, and fold.json, which is written last; while
                             the fold trains, log.jsonl and from time to time state.safetensors
    lock                     while a process writes here
    predictions.csv          clip, subject, label, predicted, one column per class
    metrics.json             the scores over all folds
    confusion.png            the confusion matrix as a figure
    model.safetensors        instead of these three, where no clip is held out
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path, PurePath
from urllib.parse import quote

from atm_gcn.checkpoint import FILE_NAME as MODEL
from atm_gcn.errors import ATMGCNError
from atm_gcn.files.lock import FILE_NAME as LOCK

CONFIG = "config.yaml"
RUN_RECORD = "run.json"
FOLDS = "folds"
FOLD_RECORD = "fold.json"
LOG = "log.jsonl"
STATE = "state.safetensors"
PREDICTIONS = "predictions.csv"
METRICS = "metrics.json"
CONFUSION = "confusion.png"
WRITTEN = {CONFIG, RUN_RECORD, FOLD_RECORD, MODEL, LOG, STATE, PREDICTIONS, METRICS, CONFUSION}
"""Files that are written to a temporary name first, which a killed process may leave behind."""
FIRST_WRITTEN = {LOCK, RUN_RECORD}
"""Files that a run may have before its config.yaml, by which a run's folder is known."""
SEED_FOLDER = re.compile(r"[^/]+/seed-(-?\d+)")
"""The folder of a fold below ``folds/`` in a run with several seeds."""
LONGEST = 120
"""Characters of the name of a fold's folder; file systems take 255 bytes, and a path on Windows 260 characters."""


def fold_folder(run: Path, name: str | PurePath) -> Path:
    """The folder of a fold.

    Args:
        run: Folder of the run.
        name: Its folder below ``folds/``, as ``run.json`` has it: ``"casme2__sub01"``, or ``"casme2__sub01/seed-1"``.
    """
    return run / FOLDS / name


def fold_name(run: Path, folder: Path) -> str:
    """The inverse of :func:`fold_folder`."""
    return folder.relative_to(run / FOLDS).as_posix()


def folders_with_models(run: Path) -> list[Path]:
    """The folders of folds that hold a model, sorted, whether ``run.json`` lists them or not."""
    return sorted(file.parent for file in run.glob(f"{FOLDS}/**/{MODEL}"))


def finished_folds(path: str | Path, seeds: int | None = None) -> list[Path]:
    """The folders of the finished folds of a run; empty for the folder of one model, and for a file.

    Args:
        path: Folder of the run.
        seeds: Of a run with several seeds, the number of seeds, from the first, whose folds are wanted; None for all.

    Raises:
        ATMGCNError: If there are fewer.
    """
    run = Path(path)
    has_folds = (run / FOLDS).is_dir() and not (run / MODEL).is_file()
    ends = (FOLD_RECORD, PREDICTIONS)  # earlier versions wrote no record
    found = [
        folder
        for folder in (folders_with_models(run) if has_folds else ())
        if any((folder / name).is_file() for name in ends)
    ]
    if seeds is None:
        return found
    named = {folder: SEED_FOLDER.fullmatch(fold_name(run, folder)) for folder in found}
    numbers = sorted({int(match[1]) for match in named.values() if match}) or [0]
    if not 1 <= seeds <= len(numbers):
        raise ATMGCNError(f"{path}: seeds must be None or from 1 to {len(numbers)}, the seeds it has, not {seeds}")
    return [folder for folder, match in named.items() if not match or int(match[1]) <= numbers[seeds - 1]]


def fold_folder_names(folds: Iterable[str]) -> dict[str, str]:
    """The name of every fold's folder, by the name of the fold.

    It is the fold's name with the characters escaped that a file system may refuse: ``casme2__sub01`` for
    ``casme2/sub01``. If two folds would share a folder, also on a disk that ignores case, or if the name is too long or
    ends in a character that Windows drops, a ``+``, which no other folder has, and a digest of the fold's name follow.
    """
    readable = {name: "__".join(quote(part, safe=" ") for part in name.split("/")) for name in folds}
    taken = Counter(folder.casefold() for folder in readable.values())
    return {
        name: folder
        if taken[folder.casefold()] == 1 and len(folder) <= LONGEST and not folder.endswith((".", " "))
        else f"{folder[:LONGEST]}+{hashlib.sha256(name.encode()).hexdigest()[:12]}"
        for name, folder in readable.items()
    }

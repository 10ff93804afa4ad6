"""The tasks of a run: one per fold and seed."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import quote

from atm_gcn.training.protocol.seeds import derive_seed
from atm_gcn.training.protocol.splits import Fold

LONGEST = 120
"""Characters of a fold's folder; file systems take 255 bytes, and paths on Windows 260 characters in all."""


@dataclass(frozen=True)
class Task:
    """One training: a fold, and the run's seed that it is trained with.

    Args:
        fold: The clips for training, validation and test.
        seed: The run's seed, from which the fold's own seed derives.
        folder: Subfolder of the fold's folder, for instance ``"seed-1"`` where a run has several seeds.
        fold_folder: Name of the fold's folder, from :func:`fold_folders`; by default that of the only fold of a run.
    """

    fold: Fold
    seed: int
    folder: str = ""
    fold_folder: str = ""

    @property
    def label(self) -> str:
        """Name of the task in logs."""
        return f"{self.fold.name}, {self.folder}" if self.folder else self.fold.name

    @property
    def fold_seed(self) -> int:
        """Seed of this training; it depends on names only."""
        return derive_seed(self.seed, self.fold.name)

    @property
    def path(self) -> PurePath:
        """Where its files lie below the run's ``folds/``."""
        return PurePath(self.fold_folder or fold_folders([self.fold.name])[self.fold.name], self.folder)


def fold_folders(names: Iterable[str]) -> dict[str, str]:
    """The folder of every fold of a run, by the fold's name.

    It is the name as a file system takes it: ``casme2__sub01`` for ``casme2/sub01``. Where two folds would share a
    folder, also on a disk that makes no difference between capitals and small letters, and where a name is too long or
    ends in a character that Windows drops, a digest of the name follows after a ``+``, which no other folder has.
    """
    readable = {name: "__".join(quote(part, safe=" ") for part in name.split("/")) for name in names}
    taken = Counter(folder.casefold() for folder in readable.values())
    return {
        name: folder
        if taken[folder.casefold()] == 1 and len(folder) <= LONGEST and not folder.endswith((".", " "))
        else f"{folder[:LONGEST]}+{hashlib.sha256(name.encode()).hexdigest()[:12]}"
        for name, folder in readable.items()
    }

"""What a run consists of: one task a fold and seed."""

from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import quote

from atm_gcn.training.seeds import derive_seed
from atm_gcn.training.splits import Fold


@dataclass(frozen=True)
class Task:
    """One training: a fold, and the run's seed that it is trained with.

    Args:
        fold: The clips that train, choose and test.
        seed: Seed of the run, from which the fold's own seed derives.
        folder: Subfolder of the fold's folder, for instance ``"seed-1"`` where a run has several seeds.
    """

    fold: Fold
    seed: int
    folder: str = ""

    @property
    def label(self) -> str:
        """How the task is called in logs."""
        return f"{self.fold.name}, {self.folder}" if self.folder else self.fold.name

    @property
    def fold_seed(self) -> int:
        """Seed of this training; it depends on names only."""
        return derive_seed(self.seed, self.fold.name)

    @property
    def path(self) -> PurePath:
        """Where its files lie below the run's ``folds/``."""
        return PurePath("__".join(quote(part, safe=" ") for part in self.fold.name.split("/")), self.folder)

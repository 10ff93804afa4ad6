"""The result of a run: its scores and predictions, and its comparison with another one."""

import logging
import shutil
import weakref
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from atm_gcn.errors import ATMGCNError
from atm_gcn.files.refusals import write_errors
from atm_gcn.metrics.permutation_test import Difference
from atm_gcn.training.comparison.difference import compare
from atm_gcn.training.results.outcomes import scores_text
from atm_gcn.training.results.prediction_table import predictions_to_dataframe
from atm_gcn.training.results.predictions import Prediction
from atm_gcn.training.results.run_results import RunResults

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    import pandas


class Result:
    """A finished run, as :func:`~atm_gcn.training.cross_validate` or ``atm-gcn train`` left it.

    ``print(result)`` shows its scores, the table of its classes and the confusion matrix.

    Args:
        folder: Folder of the run; its files are read when they are needed.
        temporary: Whether the folder that holds this one is deleted together with this object.

    Example:
        >>> result = cross_validate(dataset, build_model)
        >>> result.scores["uf1"], result.compare(Result("other-run"))["uf1"].p
    """

    def __init__(self, folder: str | Path, temporary: bool = False) -> None:
        self.folder = Path(folder)
        if temporary:
            weakref.finalize(self, shutil.rmtree, self.folder.parent, ignore_errors=True)

    @cached_property
    def _results(self) -> RunResults:
        return RunResults(self.folder)

    @property
    def _checksum(self) -> str:
        return self._results.folder.record.store.checksum

    @property
    def scores(self) -> dict[str, Any]:
        """The content of ``metrics.json``: ``uf1``, ``uar``, ``acc``, ``per_class``, ``confusion`` and more.

        Raises:
            ATMGCNError: If the run is not finished, or a file of it was changed.
        """
        return self._results.metrics

    @property
    def rows(self) -> Sequence[Prediction]:
        """The prediction of every clip by the model that held it out, one per seed.

        They are in the order of the folds, not of the data: find a clip by its key ``clip``.
        """
        return self._results.predictions

    @property
    def predictions(self) -> "pandas.DataFrame":
        """:attr:`rows` as a table with the columns of ``predictions.csv``; needs the extra ``pandas``.

        Raises:
            ATMGCNError: If pandas is not installed.
        """
        return predictions_to_dataframe(self.rows, self.scores["class_names"])

    def compare(self, other: "Result | str | Path", seed: int = 0) -> dict[str, Difference]:
        """The difference between this run and another one over the same clips and seeds, by score.

        Args:
            other: The other run, or its folder.
            seed: Seed of the test.

        Returns:
            ``uf1``, ``uar`` and ``acc``, each this run minus the other, with a 95 % interval and the p of a paired
            permutation test over subjects.

        Raises:
            ATMGCNError: If the two are not of the same clips, classes and seeds, or of action units.
        """
        other = other if isinstance(other, Result) else Result(other)
        for one in (self, other):
            if "task" in one.scores:
                raise ATMGCNError(f"{one.folder}: is a run on action units, and only runs on classes are compared")
        names = self.scores["class_names"]
        if other.scores["class_names"] != names:
            raise ATMGCNError(
                f"{other.folder}: has the classes {', '.join(other.scores['class_names'])}, and {self.folder} has "
                f"{', '.join(names)}; compare runs on the same data"
            )
        if self._checksum != other._checksum:
            log.warning("%s and %s read different data; compare only the same clips", self.folder, other.folder)
        return compare(self.rows, other.rows, names, seed)

    def save(self, folder: str | Path) -> Path:
        """Copy the run to a folder, which ``atm-gcn report``, ``info`` and :class:`Result` read.

        Args:
            folder: Must not exist.

        Raises:
            ATMGCNError: If it exists or cannot be written, or this run is not finished.
        """
        folder = Path(folder)
        if folder.exists():
            raise ATMGCNError(f"{folder}: exists already; name another folder")
        self.scores  # noqa: B018  only a finished run is copied
        with write_errors(folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as partial:
                shutil.copytree(self.folder, Path(partial) / "run").rename(folder)
        return folder

    def __str__(self) -> str:
        return scores_text(self.scores)

    def __repr__(self) -> str:
        return f"Result({str(self.folder)!r})"

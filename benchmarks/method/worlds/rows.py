"""The rows of a measurement: appended whole to a file of lines, and kept as a results file."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from atm_gcn.errors import ATMGCNError
from atm_gcn.metrics import scores
from benchmarks.common.results import ResultsFile, Strict

Key = tuple[str, str, int]


class Row(Strict):
    """The held-out predictions of one variant in one world, over all folds of one seed.

    Args:
        world: Its name.
        variant: Likewise.
        seed: Of the training, and of the clips if the world is redrawn.
        settings: In which the variant differs from the shared settings.
        data: First characters of the checksum of the clips.
        schedule: First characters of the checksum of the shared settings.
        uf1, uar, acc: Pooled over all clips.
        seconds: Of all trainings.
        num_classes: C.
        clips: Number of clips of each subject, separated by blanks.
        labels: A digit per clip.
        predicted: Likewise.
    """

    world: str
    variant: str
    seed: int
    settings: dict[str, Any]
    data: str
    schedule: str
    uf1: float
    uar: float
    acc: float
    seconds: float
    num_classes: int
    clips: str
    labels: str
    predicted: str

    @property
    def key(self) -> Key:
        return self.world, self.variant, self.seed

    @property
    def confusions(self) -> np.ndarray:
        """Counts per subject, int64 ``[S, C, C]``."""
        ends = np.cumsum([int(count) for count in self.clips.split()])
        parts = zip(
            *(np.split(np.array([*map(int, text)]), ends[:-1]) for text in (self.labels, self.predicted)), strict=True
        )
        return np.stack([scores(true, predicted, self.num_classes).confusion for true, predicted in parts])


class Results(ResultsFile):
    program = "worlds"
    rows: list[Row]


def read_rows(path: Path) -> list[Row]:
    """The rows of a results file or of a file of lines. A last line that was not written to its end is left out.

    Raises:
        ATMGCNError: If it holds anything else.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ATMGCNError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        if path.suffix == ".json":
            return Results.model_validate_json(text).rows
        return [Row.model_validate_json(line) for line in text.split("\n")[:-1]]
    except ValidationError as error:
        raise ATMGCNError(
            f"{path}: holds no rows of this program ({error.errors()[0]['msg']}); name another file"
        ) from error


def append(path: Path, row: Row) -> None:
    """Add a row at the end of a file of lines, over what a killed process left of an unfinished one."""
    line = json.dumps(row.model_dump()).encode() + b"\n"
    with path.open("r+b" if path.exists() else "w+b") as file:
        content = file.read()
        file.seek(content.rfind(b"\n") + 1)
        file.truncate()
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def merged(files: Iterable[Path]) -> list[Row]:
    """The rows of several files, each key once.

    Raises:
        ATMGCNError: If two of them measured the same with other settings or other clips.
    """
    rows: dict[Key, Row] = {}
    for path in files:
        for row in read_rows(path):
            other = rows.setdefault(row.key, row)
            if identity(other) != identity(row):
                raise ATMGCNError(
                    f"{path}: {row.variant} in world {row.world}, seed {row.seed}, was measured with other settings or "
                    "clips than in another row; leave one of them out"
                )
    return list(rows.values())


def identity(row: Row) -> tuple[Any, ...]:
    """What must be equal for two rows to be of the same measurement."""
    return row.settings, row.data, row.schedule, row.clips, row.labels

"""The folder of a spotting run: its files, who may write there, and what it was begun with.

::

    spotting.json                what the run was begun with
    lock                         while a process writes here
    motion/<video>.safetensors   motion of every frame of a long video
    recognition/                 the run that trained the classifiers, as of ``atm-gcn train``
    <spotter>/<fold>/            spotted.json (settings and intervals), recognised.json (with classes); of the learnt
                                 spotter also model.safetensors and scores.safetensors
    learnt-macro/<fold>/         the same of macro-expressions, which are not classified
    <spotter>.csv                every interval that was found, with its class; a table of ``atm-gcn score spotting``
    <spotter>-log.csv            the challenge's log
    truth.csv                    every annotated expression that was looked for, with the videos that have none
    curves/<video>.png           curve of every video with what was annotated and found
    scores.json                  the scores, written last
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import quote

from atm_gcn.errors import ATMGCNError
from atm_gcn.files import read_json, write_json
from atm_gcn.files.lock import FILE_NAME as LOCK
from atm_gcn.files.lock import locked
from atm_gcn.files.refusals import reason, refuse_links
from atm_gcn.files.writing import is_leftover, remove_leftovers
from atm_gcn.training.results.layout import LONGEST

RECORD, SCORES, TRUTH, REPORT = "spotting.json", "scores.json", "truth.csv", "report.html"
MOTION, CURVES, RECOGNITION = "motion", "curves", "recognition"
SPOTTED, RECOGNISED, MODEL, FRAME_SCORES = "spotted.json", "recognised.json", "model.safetensors", "scores.safetensors"
FORMAT = 1
FIX = "name another folder for the run"


def file_name(*words: str) -> str:
    """A name of a file or folder for words that tables may hold; different words give different names."""
    name = "__".join(quote(word, safe=" ").replace(".", "%2E") for word in words)
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 17]}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def is_spotting_run(folder: Path) -> bool:
    """Whether a folder is that of a spotting run."""
    return (folder / RECORD).is_file()


class SpottingFolder:
    """A spotting run on disk.

    Args:
        path: The folder, which need not exist yet.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @contextmanager
    def opened(self, record: dict[str, Any], resume: bool) -> Iterator[None]:
        """Create the folder, or resume an equal run in it, and lock it for this process.

        Args:
            record: What determines the run's results; JSON without floats.
            resume: Whether a run that was begun may be resumed.

        Raises:
            ATMGCNError: If the folder holds something else, a run and ``resume`` is false, or another run; or if
                another process has locked it.
        """
        self.check(record, resume)
        try:
            self.path.resolve().mkdir(parents=True, exist_ok=True)
        except (OSError, RuntimeError) as error:
            raise ATMGCNError(f"{self.path}: cannot be made ({reason(error)})") from error
        refuse_links(self.path)
        with locked(self.path):
            self.check(record, resume)  # another process may have begun here in between
            remove_leftovers(self.path)
            if not is_spotting_run(self.path):
                write_json(self.path / RECORD, record | {"format": FORMAT})
            yield

    def check(self, record: dict[str, Any], resume: bool) -> None:
        """Make sure, without writing, that a run may write here; errors as for :meth:`opened`."""
        if self.path.exists() and not self.path.is_dir():
            raise ATMGCNError(f"{self.path}: is a file; name a folder for the run")
        if not is_spotting_run(self.path):
            foreign = [file for file in self.path.glob("*") if file.name != LOCK and not is_leftover(file.name)]
            if foreign:
                raise ATMGCNError(f"{self.path}: exists and is no spotting run of atm-gcn; name another folder")
            return
        if not resume:
            raise ATMGCNError(
                f"{self.path}: holds a run already; add --resume to go on with it, or name another folder"
            )
        begun = self.record
        for key, value in (record | {"format": FORMAT}).items():
            if key not in begun:
                raise ATMGCNError(f"{self.path}: was begun by an earlier version of atm-gcn; name another folder")
            if begun[key] != value:
                what = ("" if key.endswith("s") else "a ") + f"different {key.replace('_', ' ')}"
                raise ATMGCNError(
                    f"{self.path}: was begun with {what} ({_difference(begun.get(key), value)}); repeat the options of "
                    "the run, or name another folder"
                )

    @property
    def record(self) -> dict[str, Any]:
        """What the run was begun with.

        Raises:
            ATMGCNError: If this is no folder of a spotting run, or its record is damaged.
        """
        if not is_spotting_run(self.path):
            raise ATMGCNError(f"{self.path}: is not the folder of a spotting run; it lacks {RECORD}")
        return read_json(self.path / RECORD, FIX)

    @property
    def digest(self) -> str:
        """SHA-256 of :attr:`record`, which every file of a fold repeats."""
        return hashlib.sha256(json.dumps(self.record, sort_keys=True).encode()).hexdigest()

    @property
    def recognition(self) -> Path:
        """The folder of the run that trained the classifiers."""
        return self.path / RECOGNITION

    def fold(self, sought: str, name: str) -> Path:
        """The folder of one fold of what is looked for, by its name: ``learnt``, ``threshold`` or ``learnt-macro``."""
        return self.path / sought / file_name(name)

    def motion(self, place: tuple[str, str]) -> Path:
        """The file with the motion of a video."""
        return self.path / MOTION / f"{file_name(*place)}.safetensors"

    def curve(self, place: tuple[str, str]) -> Path:
        """The picture of a video's curve."""
        return self.path / CURVES / f"{file_name(*place)}.png"


def _difference(begun: Any, asked: Any) -> str:
    """The first line in which two values differ: ``"epochs: 20, now epochs: 10"``."""
    pair = [_lines(begun), _lines(asked)]
    one, other = next((pair for pair in zip_longest(*pair, fillvalue="nothing") if len(set(pair)) > 1), ("", ""))
    return f"{one.strip()}, now {other.strip()}"


def _lines(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [f"{key} {text}" for key, text in value.items()]
    return [" and ".join(value)] if isinstance(value, list) else str(value).splitlines()


def read_part(path: Path, digest: str) -> dict[str, Any] | None:
    """A JSON file of :func:`write_part`; None if it is absent, damaged or of another run."""
    if not path.is_file():
        return None
    try:
        content = read_json(path, FIX)
    except ATMGCNError:
        return None
    return content if isinstance(content, dict) and content.get("run") == digest else None


def write_part(path: Path, content: dict[str, Any], digest: str) -> dict[str, Any]:
    """Write a part of a run's results, and return it as it is read again."""
    write_json(path, content | {"run": digest})
    return read_json(path, FIX)

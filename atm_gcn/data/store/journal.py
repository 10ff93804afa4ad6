"""The finished clips of an unfinished frame store, by which an interrupted preparation is resumed."""

import json
import os
from pathlib import Path
from typing import Any, Self

from atm_gcn.files import write_text
from atm_gcn.files.unfinished import UnfinishedFolder

FILE_NAME = "done.jsonl"


class Journal:
    """A file with one line per finished clip, below a line with the checksum of the store.

    A clip is added once its frames are on the disk, so that the journal holds no clip without frames, even after a
    killed process or a power cut.

    Attributes:
        done: Apex position, apex source and digest of the frames of every finished clip, by its key.
    """

    def __init__(self, path: Path, done: dict[str, tuple[int, str, str]]) -> None:
        self.path = path
        self.done = done

    @classmethod
    def start(cls, folder: UnfinishedFolder, checksum: str) -> Self:
        """Resume the journal in ``folder``, or empty the folder if its journal has another checksum."""
        path = folder.path / FILE_NAME
        lines = _whole_lines(path)
        if lines[:1] == [[checksum]]:
            return cls(path, {key: (apex, source, digest) for key, apex, source, digest in lines[1:]})
        folder.clear()
        write_text(path, json.dumps([checksum]) + "\n")
        return cls(path, {})

    def add(self, key: str, apex_position: int, apex_source: str, sha256: str) -> None:
        """Record that a clip is done."""
        self._append([key, apex_position, apex_source, sha256])
        self.done[key] = (apex_position, apex_source, sha256)

    def _append(self, line: list[str | int]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())


def _whole_lines(path: Path) -> list[list[Any]]:
    """The lines of the journal, without the last one if it is incomplete."""
    if not path.exists():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    os.truncate(path, len(whole))
    try:
        return [json.loads(line) for line in whole.splitlines()]
    except ValueError:
        return []

"""Which clips of an unfinished frame store are done, so that an interrupted preparation goes on where it stopped."""

import json
import os
from pathlib import Path
from typing import Self

from atm_gcn.files import write_text
from atm_gcn.files.unfinished import UnfinishedFolder

FILE_NAME = "done.jsonl"


class Journal:
    """A file with one line a finished clip, below a line with the checksum of what is being made.

    A clip is added once its frames are on the disk, so that a killed process, or a machine that loses power, leaves
    no clip in the journal whose frames are not there.

    Attributes:
        done: Apex position, apex source and digest of the frames of every finished clip, by its key.
    """

    def __init__(self, path: Path, done: dict[str, tuple[int, str, str]]) -> None:
        self.path = path
        self.done = done

    @classmethod
    def start(cls, folder: UnfinishedFolder, checksum: str) -> Self:
        """Go on with the journal in ``folder``, or empty the folder if it was of other clips or settings."""
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


def _whole_lines(path: Path) -> list[list]:
    """The lines of the journal, without the last one if it was cut off in the middle of being written."""
    if not path.exists():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    os.truncate(path, len(whole))
    try:
        return [json.loads(line) for line in whole.splitlines()]
    except ValueError:
        return []

"""The finished clips of an unfinished frame store, by which an interrupted preparation is resumed."""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple, Self

from atm_gcn.files import write_text
from atm_gcn.files.unfinished import UnfinishedFolder

FILE_NAME = "done.jsonl"


class DoneClip(NamedTuple):
    """What is known of a clip once it is done.

    Args:
        apex_position: The apex's 0-based position among its frames.
        apex_source: How it was chosen.
        sha256: Digest of its frames.
        flow_sha256: Digest of its optical flow; empty without.
        unregistered: Why it stayed unregistered; empty if it did not, or none was asked.
        registration_sha256: Digest of its registration; empty without.
        depth_sha256: Digest of its depth; empty without.
    """

    apex_position: int
    apex_source: str
    sha256: str
    flow_sha256: str = ""
    unregistered: str = ""
    registration_sha256: str = ""
    depth_sha256: str = ""

    @property
    def digests(self) -> tuple[str, str, str, str]:
        """Of its frames, optical flow, registration and depth."""
        return self.sha256, self.flow_sha256, self.registration_sha256, self.depth_sha256


class Journal:
    """A file with one line per finished clip, below a line with the checksum of the store.

    A clip is added once its frames are on the disk, so that the journal holds no clip without frames, even after a
    killed process or a power cut.

    Attributes:
        done: What is known of every finished clip, by its key.
    """

    def __init__(self, path: Path, done: dict[str, DoneClip]) -> None:
        self.path = path
        self.done = done

    @classmethod
    def start(cls, folder: UnfinishedFolder, checksum: str) -> Self:
        """Resume the journal in ``folder``, or empty the folder if its journal is damaged or has another checksum."""
        path = folder.path / FILE_NAME
        lines = _whole_lines(path)
        if lines[:1] == [[checksum]] and all(_is_clip(line) for line in lines[1:]):
            return cls(path, {key: DoneClip(*known) for key, *known in lines[1:]})
        folder.clear()
        write_text(path, json.dumps([checksum]) + "\n")
        return cls(path, {})

    def add(self, key: str, done: DoneClip) -> None:
        """Record that a clip is done."""
        self._append([key, *done])
        self.done[key] = done

    def forget(self, key: str) -> None:
        """Take a clip for unfinished, whose files were changed since."""
        del self.done[key]

    def _append(self, line: list[str | int]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())


def _is_clip(line: Any) -> bool:
    """Whether a line is a key and the fields of a :class:`DoneClip`, of which the last may be missing."""
    fields = len(DoneClip._fields)
    if not isinstance(line, list) or not 1 + fields - len(DoneClip._field_defaults) <= len(line) <= 1 + fields:
        return False
    _, apex, *_ = line
    return type(apex) is int and all(isinstance(text, str) for text in (line[0], *line[2:]))


def _whole_lines(path: Path) -> list[Any]:
    """The lines of the journal, without the last one if it is incomplete."""
    if not path.exists():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    os.truncate(path, len(whole))
    try:
        return [json.loads(line) for line in whole.splitlines()]
    except (ValueError, RecursionError):
        return []

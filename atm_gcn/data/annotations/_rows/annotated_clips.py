"""The clips of a table by row, and its problems."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from atm_gcn.data.annotations._rows.note import Note
from atm_gcn.data.clip import Clip
from atm_gcn.data.problem import Problem


@dataclass
class AnnotatedClips:
    """The clips of a table and the problems of its rows and of the table as a whole.

    Args:
        clips: Clip of each row, by the row's number in the spreadsheet.
        problems: In the order of the rows as they were read.
        recordings: Name of the recording of each row, where the clip's name does not begin with it.
    """

    clips: dict[int, Clip] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    recordings: dict[int, str] = field(default_factory=dict)
    _rows: dict[str, int] = field(default_factory=dict)

    def note(self, row: int, clip: str, *notes: Note) -> None:
        """Add a problem of a row for each note."""
        self.problems += [Problem(note.code, row, clip, note.kind, note.action, note.decide) for note in notes]

    def add(self, row: int, clip: Clip) -> None:
        """Add the clip of a row, whose key no other row has."""
        self.clips[row] = clip
        self._rows[clip.key] = row

    def row_of(self, key: str) -> int | None:
        """The row that holds a clip."""
        return self._rows.get(key)

    def problems_of(self, keys: Iterable[str]) -> list[Problem]:
        """The problems that concern any of these clips."""
        wanted = set(keys)
        return [problem for problem in self.problems if problem.clip in wanted]

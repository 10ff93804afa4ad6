"""Codes of subjects and recordings, and the sheets that name their folders."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from atm_gcn.data.annotations._spreadsheet.sheet import Sheet
from atm_gcn.errors import ATMGCNError

_SUBJECT = re.compile(r"s\d{1,3}", re.IGNORECASE)
_RECORDING = re.compile(r"[a-z]{3,}\d{1,2}", re.IGNORECASE)
_FOLDER = re.compile(r"\d{3,4}")


@dataclass(frozen=True)
class FolderNames:
    """Folders by the codes that a table has instead of them.

    Args:
        subjects: Folder of each subject (``"s15"``), by code (``"1"``).
        recordings: Number of each recording's folder (``"0101"``), by its name in the table in lower case.
        sheets: Names of the sheets that hold them.
    """

    subjects: dict[str, str] = field(default_factory=dict)
    recordings: dict[str, str] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()

    def recording_of(self, name: str) -> str:
        """Number of the folder of a clip's recording: of ``disgust1`` for ``disgust1_2``; empty if it is not known."""
        return self.recordings.get(name.rpartition("_")[0].lower(), "")


def read_folder_names(sheets: Sequence[Sheet]) -> FolderNames:
    """Read the sheets that have a subject's folder and its code, or a recording's number and its name, in each row.

    Args:
        sheets: All sheets but that of the annotations.
    """
    subjects: dict[str, str] = {}
    recordings: dict[str, str] = {}
    names = []
    for sheet in sheets:
        before = len(subjects) + len(recordings)
        for row in sheet.rows:
            subject = next((at for at, cell in enumerate(row) if _SUBJECT.fullmatch(cell)), None)
            recording = next((cell for cell in row if _RECORDING.fullmatch(cell)), "")
            number = next((cell for cell in row if _FOLDER.fullmatch(cell)), "")
            code = next((cell for cell in reversed(row) if cell), "")
            if subject is not None and code.isdecimal():
                subjects.setdefault(code, row[subject])
            elif recording and number:
                recordings.setdefault(recording.lower(), number.zfill(4))
        if len(subjects) + len(recordings) > before:
            names.append(sheet.name)
    return FolderNames(subjects, recordings, tuple(names))


def name_subjects(rows: Sequence[dict[str, str]], names: FolderNames, path: Path) -> None:
    """Replace the codes of subjects by the names of their folders; codes without a folder stay.

    Raises:
        ATMGCNError: If subjects are given as codes, and no sheet names their folders.
    """
    codes = [cells["subject"] for cells in rows if cells["subject"].isdecimal()]
    if 2 * len(codes) > len(rows) and not names.subjects:
        raise ATMGCNError(
            f"{path}: gives subjects as codes ({codes[0]!r}), and no sheet names their folders; give the Excel file "
            "with all its sheets, or write the folders (s15) instead of the codes"
        )
    for cells in rows:
        cells["subject"] = names.subjects.get(cells["subject"], cells["subject"])

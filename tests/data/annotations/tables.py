"""Small annotation tables written as each dataset publishes them, and folders of frames in the true layouts."""

import csv
import itertools
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from .further_tables import AUS, casme, casme3c, casmesq, fourdme, mmew, sammlv

Table = list[list[object]]  # a header and rows, or rows alone where the published file has no header

FILE_NAMES = {
    "casme": "CASME",
    "casme2": "CASME2-coding-20140508",
    "casmesq": "CAS(ME)^2code_final",
    "samm": "SAMM_Micro_FACS_Codes_v2",
    "sammlv": "SAMM_LongVideos_V3_Release",
    "smic": "SMIC-HS-E_annotation",
    "casme3": "cas(me)3_part_A_ME_label_JpgIndex_v2",
    "casme3c": "CAS(ME)3_part_C_ME",
    "mmew": "MMEW_Micro_Exp",
    "4dme": "4DME_Labelling_Micro_release v1",
    "composite": "combined_3class_gt",
    "manifest": "manifest",
}


def casme2(rows: int = 24) -> Table:
    """Two columns have no name; one apex is a slash."""
    emotions = ("happiness", "disgust", "repression", "surprise", "others", "fear")
    table: Table = [
        [
            "Subject",
            "Filename",
            None,
            "OnsetFrame",
            "ApexFrame",
            "OffsetFrame",
            None,
            "Action Units",
            "Estimated Emotion",
        ]
    ]
    for i in range(rows):
        onset, apex = 40 + i, "/" if i == 5 else 58 + i
        name = f"EP{i % 19 + 1:02d}_{i:02d}f"
        table.append([i % 4 + 1, name, None, onset, apex, 84 + i, None, AUS[i % 5], emotions[i % 6]])
    return table


def samm(rows: int = 24) -> Table:
    """Notes above, the header on row 14, subjects as numbers."""
    emotions = ("Anger", "Happiness", "Contempt", "Surprise", "Other", "Fear")
    notes: Table = [[f"Note {line} on the coding of the Onset Frame"] for line in range(12)]
    header = [
        *("Subject", "Filename", "Inducement Code", "Onset Frame", "Apex Frame", "Offset Frame", "Duration"),
        *("Micro (1/2)", "Action Units", "Estimated Emotion", "Objective Classes", "Notes"),
    ]
    table: Table = [*notes, [None], header]
    for i in range(rows):
        subject, onset = (6, 7, 9, 10)[i % 4], 560 + 50 * i
        name, frames = f"{subject:03d}_{i % 7 + 1}_{i}", [onset, onset + 26, onset + 70]
        table.append([subject, name, 4, *frames, 71, "Micro - 1/2", AUS[i % 5], emotions[i % 6], 1, None])
    return table


def smic(rows: int = 24) -> Table:
    """Absolute frame numbers; no apex."""
    table: Table = [["Subject", "Filename", "OnsetF", "OffsetF", "Emotion"]]
    kinds = (("ne", "negative"), ("po", "positive"), ("sur", "surprise"))
    for i in range(rows):
        (short, emotion), subject = kinds[i % 3], (1, 2, 3, 11)[i % 4]
        table.append([subject, f"s{subject}_{short}_{i + 1:02d}", 559740 + 60 * i, 559775 + 60 * i, emotion])
    return table


def casme3(rows: int = 24) -> Table:
    """One filename holds several clips."""
    emotions = ("disgust", "surprise", "others", "fear", "anger", "sad", "happy")
    table: Table = [["Subject", "Filename", "Onset", "Apex", "Offset", "AU", "Objective class", "emotion"]]
    for i in range(rows):
        onset = 175 + 40 * i
        table.append(
            [
                f"spNO.{(1, 2, 149, 216)[i % 4]}",
                "abc"[i % 3],
                onset,
                onset + 5,
                onset + 12,
                AUS[i % 5],
                1,
                emotions[i % 7],
            ]
        )
    return table


def composite(rows: int = 24) -> Table:
    """Of the clips above; SAMM's subjects without zeros; no header."""
    classes = {"happiness": 1, "happy": 1, "positive": 1, "surprise": 2}
    left_out = {"others", "other", "fear"}
    table: Table = []
    for dataset, source, first in (("casme2", casme2(rows), 1), ("smic", smic(rows), 1), ("samm", samm(rows), 14)):
        for row in source[first:]:
            emotion = str(row[{"casme2": -1, "smic": -1, "samm": 9}[dataset]]).lower()
            subject = {"casme2": f"sub{row[0]:02d}", "smic": f"s{row[0]}", "samm": str(row[0])}[dataset]
            if emotion not in left_out or (dataset == "samm" and emotion == "fear"):
                table.append([dataset, subject, row[1], classes.get(emotion, 0)])
    return table


def manifest(rows: int = 24) -> Table:
    """Anybody's own clips."""
    table: Table = [["dataset", "subject", "name", "onset", "apex", "offset", "fps", "label", "source"]]
    for i in range(rows):
        table.append(["own", f"p{i % 4}", f"clip{i}", 10, 15, 20 + i, 30, ("smile", "frown")[i % 2], f"frames/{i}"])
    return table


TABLES = {
    "casme": casme,
    "casme2": casme2,
    "casmesq": casmesq,
    "samm": samm,
    "sammlv": sammlv,
    "smic": smic,
    "casme3": casme3,
    "casme3c": casme3c,
    "mmew": mmew,
    "4dme": fourdme,
    "composite": composite,
    "manifest": manifest,
}


def write(path: Path, table: Sequence[Sequence[object]], sheet: str = "Sheet1") -> Path:
    """Write a table as csv, xlsx or xls, by the path's ending."""
    if path.suffix == ".csv":
        text = [[("" if cell is None else cell) for cell in row] for row in table]
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(text)
    elif path.suffix == ".xlsx":
        import openpyxl

        book = openpyxl.Workbook()
        book.active.title = sheet
        for row in table:
            book.active.append(list(row))
        book.save(path)
    else:
        import xlwt

        book = xlwt.Workbook()
        page = book.add_sheet(sheet)
        for (i, row), _ in zip(enumerate(table), itertools.count(), strict=False):
            for j, cell in enumerate(row):
                page.write(i, j, cell)
        book.save(str(path))
    return path


def write_sheets(path: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    """Write several tables as the sheets of one xlsx file."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, table in sheets.items():
        page = book.create_sheet(name)
        for row in table:
            page.append(list(row))
    book.save(path)
    return path


def write_merged(path: Path, table: Sequence[Sequence[object]], *ranges: tuple[int, int, int, int]) -> Path:
    """Write a table as xlsx or xls with merged cells: first and last row, first and last column, counted from 0."""
    covered = {
        (row, column): (top, left)
        for top, bottom, left, right in ranges
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    }
    if path.suffix == ".xlsx":
        import openpyxl

        book = openpyxl.load_workbook(write(path, table))
        for top, bottom, left, right in ranges:
            book.active.merge_cells(start_row=top + 1, end_row=bottom + 1, start_column=left + 1, end_column=right + 1)
        book.save(path)
        return path
    import xlwt

    book = xlwt.Workbook()
    page = book.add_sheet("Sheet1")
    for top, bottom, left, right in ranges:
        page.write_merge(top, bottom, left, right, table[top][left])
    for row, column in itertools.product(range(len(table)), range(max(map(len, table)))):
        if (row, column) not in covered and column < len(table[row]):
            page.write(row, column, table[row][column])
    book.save(str(path))
    return path


def write_named(folder: Path, dataset: str, suffix: str = ".csv", rows: int = 24) -> Path:
    """Write a dataset's table under its published name."""
    folder.mkdir(parents=True, exist_ok=True)
    return write(folder / f"{FILE_NAMES[dataset]}{suffix}", TABLES[dataset](rows))


def write_frames(folder: Path, form: str, onset: int, offset: int, size: int = 16) -> None:
    """Write grey images, ``form`` being a file name with a place for the number."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(onset, offset + 1):
        image = np.full((size, size, 3), number % 200, np.uint8)
        assert cv2.imwrite(str(folder / form.format(number)), image)

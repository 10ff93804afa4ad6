"""Whole datasets in a folder: table and frames as they are handed out, a few clips each."""

from collections.abc import Sequence
from pathlib import Path

from .further_tables import CASMESQ_SUBJECTS, CASMESQ_VIDEOS
from .tables import FILE_NAMES, TABLES, write, write_frames, write_sheets

FORMS = {
    "casme": "reg_EP01_5-{}.jpg",
    "casme2": "reg_img{}.jpg",
    "casmesq": "img{}.jpg",
    "samm": "{:05d}.jpg",
    "sammlv": "{:04d}.jpg",
    "smic": "image{}.bmp",
    "casme3": "{}.jpg",
    "casme3c": "{}.jpg",
    "mmew": "{}.jpg",
    "4dme": "Frame_{:09d}.jpg",
}
SMIC_FOLDERS = {"ne": "negative", "po": "positive", "sur": "surprise"}
CASMESQ_FOLDERS = {
    "anger1": "0401girlcrashing",
    "disgust1": "0101disgustingteeth",
    "happy1": "0503unnyfarting",
}
HEADINGS = ("Subject", "sub", "fold")  # in the first cell of a header


def columns_of(dataset: str, table: Sequence[Sequence[object]]) -> tuple[int, dict[str, int]]:
    """The index of the first row of clips, and the columns of their frame numbers."""
    if dataset == "casmesq":
        return 0, {"onset": 2, "apex": 3, "offset": 4}
    header = next(i for i, row in enumerate(table) if row[0] in HEADINGS)
    found: dict[str, int] = {}
    for name in ("onset", "apex", "offset"):
        column = next((i for i, cell in enumerate(table[header]) if str(cell).lower().startswith(name)), None)
        if column is not None:
            found[name] = column
    return header + 1, found


def short(dataset: str, rows: int = 8) -> list[list[object]]:
    """The dataset's table with clips of seven frames, so that few images are written."""
    table = TABLES[dataset](rows)
    first, columns = columns_of(dataset, table)
    for row in table[first:]:
        row[columns["offset"]] = row[columns["onset"]] + 6
        if "apex" in columns and row[columns["apex"]] not in ("/", -1):
            row[columns["apex"]] = row[columns["onset"]] + 3
    return table


def build(root: Path, dataset: str, rows: int = 8) -> Path:
    """Write table and frames of a dataset that has its own table below ``root``."""
    table = short(dataset, rows)
    root.mkdir(parents=True, exist_ok=True)
    if dataset == "casmesq":
        coded = [[int(str(row[0])[1:]) - 14, *row[1:]] for row in table]
        sheets = {"CASFEcode_final": coded, "naming rule1": CASMESQ_SUBJECTS, "naming rule2": CASMESQ_VIDEOS}
        write_sheets(root / f"{FILE_NAMES[dataset]}.xlsx", **sheets)
    else:
        write(root / f"{FILE_NAMES[dataset]}.csv", table)
    if dataset == "sammlv":
        write_emotions(root, table)
    first, columns = columns_of(dataset, table)
    for row in table[first:]:
        onset = row[columns["onset"]]
        form = FORMS[dataset]
        if dataset in ("samm", "sammlv"):
            form = f"{int(row[0]):03d}_" + form
        write_frames(root / clip_folder(dataset, row), form, onset, onset + 6)
    return root


def write_emotions(root: Path, long_table: Sequence[Sequence[object]]) -> None:
    """Write SAMM's table of the micro-expressions of a table of SAMM Long Videos."""
    emotions = ("Anger", "Happiness", "Contempt", "Surprise", "Other", "Fear")
    table = [row for row in TABLES["samm"](0) if row]
    for number, row in enumerate(row for row in long_table if len(row) > 7 and str(row[7]).startswith("Micro")):
        table.append([*row[:3], 5562, 5588, 5632, 71, *row[7:9], emotions[number % 6], 1, None])
    write(root / f"{FILE_NAMES['samm']}.csv", table)


def build_composite(root: Path, rows: int = 12) -> Path:
    """Write the list and its three datasets below ``root``."""
    for dataset in ("casme2", "samm", "smic"):
        build(root / dataset, dataset, rows)
    write(root / f"{FILE_NAMES['composite']}.csv", TABLES["composite"](rows))
    return root


def clip_folder(dataset: str, row: Sequence[object]) -> Path:
    """Folder of a row's frames below the root."""
    subject, name = row[0], str(row[1])
    match dataset:
        case "casme" | "casme2":
            return Path("Cropped", f"sub{subject:02d}", name)
        case "casmesq":
            video = CASMESQ_FOLDERS[name.partition("_")[0]]
            return Path("rawpic", str(subject), f"{str(subject)[1:]}_{video}")
        case "samm":
            return Path(f"{subject:03d}", name)
        case "sammlv":
            return Path("SAMM_longvideos", name.rpartition("_")[0])
        case "smic":
            return Path("HS", f"s{subject}", "micro", SMIC_FOLDERS[name.split("_")[1]], name)
        case "casme3c":
            return Path("part_C", f"{subject:02d}", "a", "color")
        case "mmew":  # others lie in a folder named after repression
            emotion = {"others": "repression"}.get(str(row[6]), str(row[6]))
            return Path("Micro_Expression", emotion, name)
        case "4dme":
            return Path("gray_micro", str(row[1]), str(row[2]))
    return Path("part_A", str(subject), name, "color")

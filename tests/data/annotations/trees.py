"""Whole datasets in a folder: table and frames as they are handed out, a few clips each."""

from collections.abc import Sequence
from pathlib import Path

from .tables import FILE_NAMES, TABLES, write, write_frames

FORMS = {"casme2": "reg_img{}.jpg", "samm": "{:05d}.jpg", "smic": "image{}.bmp", "casme3": "{}.jpg"}
SMIC_FOLDERS = {"ne": "negative", "po": "positive", "sur": "surprise"}


def short(dataset: str, rows: int = 8) -> list[list[object]]:
    """The dataset's table with clips of seven frames, so that few images are written."""
    table = TABLES[dataset](rows)
    header = next(i for i, row in enumerate(table) if row[0] == "Subject")
    columns = [str(cell).replace(" ", "").lower().removesuffix("frame").removesuffix("f") for cell in table[header]]
    onset, offset = columns.index("onset"), columns.index("offset")
    for row in table[header + 1 :]:
        row[offset] = row[onset] + 6
        if "apex" in columns and row[columns.index("apex")] != "/":
            row[columns.index("apex")] = row[onset] + 3
    return table


def build(root: Path, dataset: str, rows: int = 8) -> Path:
    """Write table and frames of casme2, samm, smic or casme3 below ``root``."""
    table = short(dataset, rows)
    root.mkdir(parents=True, exist_ok=True)
    write(root / f"{FILE_NAMES[dataset]}.csv", table)
    header = next(i for i, row in enumerate(table) if row[0] == "Subject")
    onset = next(i for i, cell in enumerate(table[header]) if str(cell).lower().startswith("onset"))
    for row in table[header + 1 :]:
        form = f"{row[0]:03d}_" + FORMS[dataset] if dataset == "samm" else FORMS[dataset]
        write_frames(root / clip_folder(dataset, row), form, row[onset], row[onset] + 6)
    return root


def build_composite(root: Path, rows: int = 12) -> Path:
    """Write the list and its three datasets below ``root``."""
    for dataset in ("casme2", "samm", "smic"):
        build(root / dataset, dataset, rows)
    write(root / f"{FILE_NAMES['composite']}.csv", TABLES["composite"](rows))
    return root


def clip_folder(dataset: str, row: Sequence[object]) -> Path:
    """Folder of a row's frames below the root."""
    subject, name = row[0], str(row[1])
    if dataset == "casme2":
        return Path("Cropped", f"sub{subject:02d}", name)
    if dataset == "samm":
        return Path(f"{subject:03d}", name)
    if dataset == "smic":
        return Path("HS", f"s{subject}", "micro", SMIC_FOLDERS[name.split("_")[1]], name)
    return Path("part_A", str(subject), name, "color")

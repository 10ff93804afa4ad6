"""Manifests with chosen faults, and commands that are run on them."""

import csv
from collections.abc import Sequence
from pathlib import Path

from atm_gcn.cli.main import run
from atm_gcn.data import Clip, write_manifest


def changed_manifest(path: Path, clips: Sequence[Clip], changes: dict[int, dict[str, str]]) -> Path:
    """Write a manifest in which rows, counted from 2, have other cells."""
    write_manifest(clips, path)
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row, cells in changes.items():
        rows[row - 2] |= cells
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def called(capsys, *arguments) -> tuple[int, str]:
    """Exit code and output of a command."""
    code = run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def prepared(capsys, path: Path, *options: str) -> tuple[int, str]:
    """Exit code and output of ``prepare``, into the folder ``store`` beside the manifest."""
    return called(capsys, "prepare", "manifest", path, path.parent / "store", "--set", "data.size=32", *options)

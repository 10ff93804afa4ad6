"""Options and arguments that name what a command writes."""

import errno
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from atm_gcn.cli._shared.types import invalid_value, parameter_name
from atm_gcn.files.outputs import GENERATOR, STANDARD_OUTPUT, VIDEO_METADATA, check_output, is_special

log = logging.getLogger(__name__)

FORCE = click.option("--force", is_flag=True, help="Also replace existing files that atm-gcn did not write.")
SEARCHED = 1 << 17  # bytes at either end of a file, one of which contains the name of the program


class OutputFile(click.Path):
    """A file to write; ``-`` is standard output."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        text = os.fspath(value)
        if text == "-":
            return STANDARD_OUTPUT
        _check_name(text, "file", param, ctx)
        if text.endswith("/") or Path(text).is_dir():
            raise invalid_value(parameter_name(param), "name a file, which a folder is not", text, ctx=ctx)
        return Path(text)


class OutputFolder(click.Path):
    """A folder to create, or to resume in."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        _check_name(os.fspath(value), "folder", param, ctx)
        return Path(value)


def check_outputs(outputs: dict[str, Path], inputs: Iterable[str | Path], force: bool) -> None:
    """Check, before any work is done, that the output files may be written and are different files.

    Args:
        outputs: Files by option.
        inputs: Files and folders that the command reads.
        force: Whether to replace files that atm-gcn did not write.

    Raises:
        ATMGCNError: If one is an input, or exists and was not written by atm-gcn.
    """
    inputs = list(inputs)
    options: dict[str, str] = {}  # by the file that they name
    for option, path in outputs.items():
        place = os.path.realpath(path)
        if place in options:
            raise click.UsageError(f"{options[place]} and {option} both name {path}; give each its own file")
        options[place] = option
        check_output(path, inputs, is_output, force)


def name_written(paths: Iterable[Path]) -> None:
    """Name the files that a command wrote, on stderr."""
    for path in paths:
        if not is_special(path):
            log.info("written to %s", path)


def is_output(path: Path) -> bool:
    """Whether a file is an output of a command: a table, curve, figure, video or page that names the program."""
    from atm_gcn.inference.output.tables import HEADERS

    try:
        with path.open("rb") as file:
            start = file.read(SEARCHED)
            file.seek(max(file.seek(0, os.SEEK_END) - SEARCHED, 0))
            ends = start + file.read(SEARCHED)
    except OSError:
        return False
    kinds = (  # where and how such a file begins, and what else it holds
        *((0, header, "") for header in HEADERS),
        (0, f'{{"generator": "{GENERATOR}"', ""),
        (0, "\x08", f"\x12\x07{GENERATOR}"),  # ONNX
        (0, "PK", f"extra/{GENERATOR}.json"),  # an archive of torch.export
        (1, "PNG", f"Software\0{GENERATOR}"),
        (0, "%PDF-", f"/Creator ({GENERATOR})"),
        (4, "ftyp", VIDEO_METADATA["comment"]),
        (8, "AVI ", VIDEO_METADATA["comment"]),
        (0, "<!doctype html>", f'<meta name="generator" content="{GENERATOR}">'),
        (0, "<!doctype html>", ": report of an ATM-GCN run</title>"),  # pages of earlier versions
    )
    return any(start.startswith(magic.encode(), place) and mark.encode() in ends for place, magic, mark in kinds)


def _check_name(text: str, what: str, param: click.Parameter | None, ctx: click.Context | None) -> None:
    problem = "" if text else "an empty one"
    try:
        os.lstat(text)
    except ValueError:
        problem = "one with a null character"
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            problem = f"one of {len(os.fsencode(text))} bytes, which is too long"
    if problem:
        raise click.UsageError(f"{parameter_name(param)} must be a name for a {what}, not {problem}", ctx)

"""The recordings in a folder: videos and folders of frames."""

import re
from collections.abc import Iterator
from pathlib import Path

from atm_gcn.errors import ATMGCNError
from atm_gcn.media.pictures import PICTURE_SUFFIXES, UNREAD_SUFFIXES

_VIDEOS = (
    ".3gp .asf .avi .divx .dv .f4v .flv .m2ts .m2v .m4v .mjpeg .mjpg .mkv .mov .mp4 .mpeg .mpg .mts .mxf .ogm .ogv "
    ".qt .rm .rmvb .ts .vob .webm .wmv .y4m"
)
VIDEO_SUFFIXES = frozenset(_VIDEOS.split())
"""Suffixes of the files that a search takes for videos, in lower case."""


def recordings_in(folder: Path, recursive: bool = False) -> Iterator[Path | ATMGCNError]:
    """Find the videos and the folders of numbered pictures in a folder, in natural order: ``clip2`` before ``clip10``.

    Hidden files and folders are left out. Links to folders are not searched below.

    Args:
        folder: Folder to search.
        recursive: Whether to search the folders in it too, also those in folders of pictures.

    Yields:
        A recording, or why a folder cannot be searched.
    """
    try:
        entries = visible(folder)
    except OSError as error:
        yield ATMGCNError(f"{folder}: cannot be searched ({error.strerror})")
        return
    for entry in entries:
        if not entry.is_dir():
            if entry.suffix.lower() in VIDEO_SUFFIXES and entry.is_file():
                yield entry
            continue
        try:
            if holds_frames(entry):
                yield entry
        except OSError as error:
            yield ATMGCNError(f"{entry}: cannot be searched ({error.strerror})")
            continue
        if recursive and not entry.is_symlink():
            yield from recordings_in(entry, recursive)


def holds_frames(folder: Path) -> bool:
    """Whether a folder holds a picture with a number in its name, such as ``img46.jpg``."""
    return any(is_picture(entry) and re.search(r"\d", entry.stem) for entry in visible(folder))


def is_picture(path: Path) -> bool:
    """Whether a file is a picture by its name, of a format that is read or one that is refused by name."""
    return path.suffix.lower() in PICTURE_SUFFIXES | UNREAD_SUFFIXES.keys() and not path.is_dir()


def visible(folder: Path) -> list[Path]:
    """The files and folders in a folder in natural order, without hidden ones."""
    return sorted((path for path in folder.iterdir() if not path.name.startswith(".")), key=natural_order)


def natural_order(path: str | Path) -> tuple[list[int | str], str]:
    """Key by which ``clip2`` comes before ``clip10``."""
    parts = re.split(r"(\d+)", str(path))  # text and digits in turn
    return [int(part) if at % 2 else part for at, part in enumerate(parts)], str(path)

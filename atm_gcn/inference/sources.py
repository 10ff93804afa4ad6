"""The sources that ``atm-gcn predict`` takes: recordings, manifests, frame stores and cameras."""

import glob
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from atm_gcn.data.clip import Clip
from atm_gcn.data.manifest import FILE_NAME, load_manifest
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.folder_search import holds_frames, is_picture, natural_order, recordings_in, visible

log = logging.getLogger(__name__)

_CAMERA_DIGITS = 4  # at most


@dataclass(frozen=True)
class Source:
    """One thing to predict.

    Args:
        kind: ``"recording"``, ``"store"`` or ``"camera"``.
        path: File or folder; the number of a camera, as text.
        clip: The manifest row that names a recording, if one does.
        problem: Why the source cannot be predicted, if that is known before it is opened.
    """

    kind: Literal["recording", "store", "camera"]
    path: str
    clip: Clip | None = None
    problem: ATMGCNError | None = None

    @property
    def address(self) -> str | int:
        """What :func:`~atm_gcn.media.sources.open_stream` takes: a path, or the number of a camera."""
        return int(self.path) if self.kind == "camera" else self.path


def is_store(path: str | Path) -> bool:
    """Whether there is a frame store at ``path``, rather than a recording."""
    return any((Path(path) / name).exists() for name in ("meta.json", "frames.npy"))


def expand(arguments: Sequence[str], recursive: bool = False) -> list[Source]:
    """The sources that arguments name, in order.

    A number is a camera; a folder with a ``meta.json`` or a ``frames.npy`` is a frame store; a CSV file or a folder
    with a ``manifest.csv`` is a manifest and stands for its clips; an argument that does not exist and contains ``*``,
    ``?`` or ``[`` is a glob pattern, in which ``**`` matches any folders; a folder without numbered pictures stands for
    the recordings in it; anything else is a recording. An argument that names nothing, such as a pattern without a
    match or a manifest that cannot be read, becomes a source with a ``problem``.

    Args:
        arguments: What the user gave.
        recursive: Whether folders are searched below their first level.
    """
    return [source for argument in arguments for source in _sources_or_problem(argument, recursive)]


def _sources_or_problem(argument: str, recursive: bool) -> list[Source]:
    try:
        return _sources(argument, recursive)
    except ATMGCNError as error:
        return [Source("recording", argument, problem=error)]
    except (OSError, ValueError) as error:  # such as a name that is too long, or one with a NUL
        problem = ATMGCNError(f"{argument}: cannot be read ({getattr(error, 'strerror', None) or error})")
        return [Source("recording", argument, problem=problem)]


def _sources(argument: str, recursive: bool) -> list[Source]:
    path = Path(argument)
    if not path.exists() and "://" not in argument:
        if argument.isdecimal():
            if len(argument) > _CAMERA_DIGITS:
                raise ATMGCNError(f"camera {argument}: there is none; give a number such as 0")
            return [Source("camera", argument)]
        if any(character in argument for character in "*?["):
            return [source for match in _matches(argument) for source in _sources_or_problem(match, recursive)]
    if path.is_dir() and is_store(path):
        return [Source("store", argument)]
    if path.suffix.lower() == ".csv" or (path / FILE_NAME).is_file():
        return [Source("recording", clip.source, clip) for clip in load_manifest(path)]
    return _in_folder(argument, recursive) if path.is_dir() else [Source("recording", argument)]


def _in_folder(argument: str, recursive: bool) -> list[Source]:
    """The folder itself if it holds frames, or the recordings in it."""
    folder = Path(argument)
    inside = [
        Source("recording", str(found)) if isinstance(found, Path) else Source("recording", argument, problem=found)
        for found in recordings_in(folder, recursive)
    ]
    if holds_frames(folder):
        if inside and not recursive:
            log.warning(
                "%s: is read as one recording, as it holds numbered pictures; %d recording(s) in it are left out; "
                "name them, or add --recursive",
                argument,
                len(inside),
            )
        return [Source("recording", argument), *(inside if recursive else [])]
    entries = visible(folder)
    if inside or any(map(is_picture, entries)):
        return inside or [Source("recording", argument)]  # which says what is wrong with the pictures
    below = sum(entry.is_dir() for entry in entries)
    if below and not recursive:
        raise ATMGCNError(f"{argument}: holds no recording, only {below} folder(s); add --recursive to search them")
    if entries:
        raise ATMGCNError(
            f"{argument}: holds no recording; name a folder with videos, or with frames such as img46.jpg"
        )
    raise ATMGCNError(f"{argument}: is empty; name a folder with videos, or with frames such as img46.jpg")


def _matches(pattern: str) -> list[str]:
    found = sorted(glob.glob(pattern, recursive=True), key=natural_order)  # noqa: PTH207  a Path has no absolute patterns
    if not found:
        raise ATMGCNError(f"{pattern}: matches no file or folder")
    return found

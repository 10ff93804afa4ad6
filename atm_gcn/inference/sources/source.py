"""The sources that ``atm-gcn predict`` takes: recordings, manifests, frame stores and cameras."""

import glob
import logging
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from atm_gcn.data.clip import Clip
from atm_gcn.data.manifest import FILE_NAME, load_manifest
from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.sources.folder_search import holds_frames, is_picture, natural_order, recordings_in, visible

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


def annotated_clip(source: str, key: str | None) -> Clip | None:
    """The row of a manifest that a key selects; None for a recording.

    Args:
        source: A manifest, the folder of one, or a recording.
        key: Key of the clip; None if none was given.

    Raises:
        ATMGCNError: If the manifest cannot be read or has no such clip, or the key is missing.
    """
    path = Path(source)
    is_table, in_folder = path.suffix.lower() == ".csv" and not path.is_dir(), (path / FILE_NAME).is_file()
    if not is_table and not in_folder:
        return None
    if key is None:
        if in_folder and holds_frames(path):
            return None
        raise ATMGCNError(f"{source}: is a manifest; select one of its clips with --clip DATASET/SUBJECT/NAME")
    clips = load_manifest(path)
    found = next((clip for clip in clips if clip.key == key), None)
    if found is None:
        raise ATMGCNError(f"{source}: has no clip {key!r}; its first is {clips[0].key!r}")
    return found


def expand(arguments: Sequence[str], recursive: bool = False) -> list[Source]:
    """The sources that arguments name, in order.

    A number is a camera; a folder with a ``meta.json`` or a ``frames.npy`` is a frame store; a CSV file is a
    manifest and stands for its clips; a folder with a ``manifest.csv`` stands for these and for the recordings in it
    that no row names; an argument that does not exist and contains ``*``, ``?`` or ``[`` is a glob pattern, in which
    ``**`` matches any folders; a folder without numbered pictures stands for the recordings in it; anything else is a
    recording. An argument that names nothing, such as a pattern without a match or a manifest that cannot be read,
    becomes a source with a ``problem``. Recordings that a folder holds below its first level, and that are left out,
    are counted in a warning.

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
        clips = load_manifest(path)
        named = {os.path.realpath(clip.source) for clip in clips}
        others = _in_folder(argument, recursive, named) if path.is_dir() else []
        return [*(Source("recording", clip.source, clip) for clip in clips), *others]
    if not path.is_dir():
        return [Source("recording", argument)]
    found = _in_folder(argument, recursive)
    return found or [_nothing_in(argument, recursive)]


def _in_folder(argument: str, recursive: bool, named: Collection[str] = ()) -> list[Source]:
    """The folder itself if it holds frames, or the recordings in it; without those at the real paths ``named``.

    Recordings that are left out because the search is not ``recursive`` are counted in a warning.
    """
    folder = Path(argument)
    inside = [found for found in recordings_in(folder, recursive) if not _is_named(found, named)]
    is_recording = holds_frames(folder)
    own = [Source("recording", argument)] if is_recording and os.path.realpath(folder) not in named else []
    if not recursive:
        read = [] if is_recording else inside
        below = [found for found in recordings_in(folder, True) if not _is_named(found, named)]
        left_out = len({found for found in below if isinstance(found, Path)}.difference(read))
        if left_out and (own or read or named):
            why = "is read as one recording, as it holds numbered pictures; " if is_recording else ""
            where = "in it" if is_recording else "below its first level"
            log.warning(
                "%s: %s%d recording(s) %s are left out; name them, or add --recursive", argument, why, left_out, where
            )
        inside = read
    return [
        *own,
        *(
            Source("recording", str(found)) if isinstance(found, Path) else Source("recording", argument, problem=found)
            for found in inside
        ),
    ]


def _is_named(found: Path | ATMGCNError, named: Collection[str]) -> bool:
    return bool(named) and isinstance(found, Path) and os.path.realpath(found) in named


def _nothing_in(argument: str, recursive: bool) -> Source:
    """The source for a folder in which no recording was found, with its problem."""
    entries = visible(Path(argument))
    if any(map(is_picture, entries)):
        return Source("recording", argument)  # which says what is wrong with the pictures
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

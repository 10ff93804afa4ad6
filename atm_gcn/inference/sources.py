"""The sources that ``atm-gcn predict`` takes: recordings, manifests, frame stores and cameras."""

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from atm_gcn.data.clip import Clip
from atm_gcn.data.manifest import FILE_NAME, load_manifest
from atm_gcn.errors import ATMGCNError

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


def expand(arguments: Sequence[str]) -> list[Source]:
    """The sources that arguments name, in order.

    A number is a camera; a folder with a ``meta.json`` or a ``frames.npy`` is a frame store; a CSV file or a folder
    with a ``manifest.csv`` is a manifest and stands for its clips; an argument that does not exist and contains ``*``,
    ``?`` or ``[`` is a glob pattern, in which ``**`` matches any folders; anything else is a recording. A pattern
    without a match and a manifest that cannot be read become a source with a ``problem``.
    """
    return [source for argument in arguments for source in _sources_or_problem(argument)]


def _sources_or_problem(argument: str) -> list[Source]:
    try:
        return _sources(argument)
    except ATMGCNError as error:
        return [Source("recording", argument, problem=error)]
    except (OSError, ValueError) as error:  # such as a name that is too long, or one with a NUL
        problem = ATMGCNError(f"{argument}: cannot be read ({getattr(error, 'strerror', None) or error})")
        return [Source("recording", argument, problem=problem)]


def _sources(argument: str) -> list[Source]:
    path = Path(argument)
    if not path.exists() and "://" not in argument:
        if argument.isdecimal():
            if len(argument) > _CAMERA_DIGITS:
                raise ATMGCNError(f"camera {argument}: there is none; give a number such as 0")
            return [Source("camera", argument)]
        if any(character in argument for character in "*?["):
            return [source for match in _matches(argument) for source in _sources(match)]
    if path.is_dir() and is_store(path):
        return [Source("store", argument)]
    if path.suffix.lower() == ".csv" or (path / FILE_NAME).is_file():
        return [Source("recording", clip.source, clip) for clip in load_manifest(path)]
    return [Source("recording", argument)]


def _matches(pattern: str) -> list[str]:
    found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207  a Path has no absolute patterns
    if not found:
        raise ATMGCNError(f"{pattern}: matches no file or folder")
    return found

"""What the arguments of ``atm-gcn predict`` name: recordings, manifests, frame stores, cameras."""

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from atm_gcn.data.clip import Clip
from atm_gcn.data.manifest import FILE_NAME, load_manifest
from atm_gcn.errors import ATMGCNError

_MOST_DIGITS = 4  # of the number of a camera


@dataclass(frozen=True)
class Source:
    """One thing to predict.

    Args:
        kind: What it is.
        place: File, folder, or number of a camera.
        clip: The row of a manifest that names it.
        problem: Why it cannot be predicted, where that is known already.
    """

    kind: Literal["recording", "store", "camera"]
    place: str | int
    clip: Clip | None = None
    problem: ATMGCNError | None = None


def is_store(path: str | Path) -> bool:
    """Whether there is a frame store at ``path``, rather than a recording."""
    return any((Path(path) / name).exists() for name in ("meta.json", "frames.npy"))


def expand(arguments: Sequence[str]) -> list[Source]:
    """The sources that arguments name, in order.

    A number is a camera; a folder with a ``meta.json`` or a ``frames.npy`` is a frame store; a CSV file or a folder
    with a ``manifest.csv`` is a manifest and stands for its clips; what does not exist and has ``*``, ``?`` or ``[`` in
    it is a pattern, ``**`` for any folders; anything else is a recording. A pattern that matches nothing, or a manifest
    that cannot be read, becomes a source with a ``problem``.
    """
    return [source for argument in arguments for source in _known(argument)]


def _known(argument: str) -> list[Source]:
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
            if len(argument) > _MOST_DIGITS:
                raise ATMGCNError(f"camera {argument}: there is none; give a number such as 0")
            return [Source("camera", int(argument))]
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

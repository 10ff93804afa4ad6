"""The folder of each clip below a root folder, in the layouts in which the datasets are distributed.

================= ======================================================================================
dataset           folder of a clip's frames, below any folders
================= ======================================================================================
CASME             ``sub01/EP01_5`` (in ``Cropped`` or ``CASME_raw_selected``)
CASME II          ``sub01/EP02_01f`` (in ``Cropped`` or ``CASME2_RAW_selected``)
CAS(ME)2          ``s15/15_0101disgustingteeth`` (in ``rawpic``, or a video in ``rawvideo``), or
                  ``s15/disgust1_1`` (in ``selectedpic``)
SAMM              ``006/006_1_2``
SAMM Long Videos  ``006_1`` (in ``SAMM_longvideos``)
SMIC-HS           ``s1/micro/negative/s1_ne_01`` (in ``HS``)
CAS(ME)3 Part A   ``spNO.1/a/color`` (in ``part_A``), or ``spNO.1_a_355`` where the clips come cut out
CAS(ME)3 Part C   ``01/a/color`` (in ``part_C``)
MMEW              ``anger/S01-07-001`` (in ``Micro_Expression``), perhaps below folders of subjects
4DME              the names of the table: ``sub_ID/fold_name`` (in ``gray_micro`` or ``gray_micro_crop``)
================= ======================================================================================
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from atm_gcn.data.annotations.spec import DatasetSpec
from atm_gcn.data.clip import Clip
from atm_gcn.errors import ATMGCNError

_DEPTH = 5  # folders between the root and those of the subjects
_ZEROS = re.compile(r"(?<=_)0+(?=\d)")


@dataclass(frozen=True)
class FrameTree:
    """The recordings of one dataset.

    Args:
        spec: The dataset.
        root: The folder that holds those of the subjects.
        others: Further trees of the same dataset that were found and are not used.
        folders: Folder or video of each clip or recording, by ``"subject/name"`` in lower case.
    """

    spec: DatasetSpec
    root: Path
    others: tuple[Path, ...]
    folders: dict[str, Path]

    def folder_of(self, clip: Clip, recording: str = "") -> Path | None:
        """The folder of a clip's frames or the video that holds it, or None if there is none.

        Args:
            clip: The clip.
            recording: Name of its recording, where the clip's name does not begin with it.
        """
        names = [clip.name]
        if self.spec.frames.recordings:  # a_355 is a movement in the recording a
            parts = clip.name.split("_")
            names += ["_".join(parts[:length]) for length in range(len(parts) - 1, 0, -1)]
        keys = [f"{clip.subject}/{name}".lower() for name in [*names, recording] if name]
        return next((self.folders[key] for key in keys if key in self.folders), None)


def find_frames(spec: DatasetSpec, root: Path) -> FrameTree:
    """Find a dataset's frames anywhere below ``root``.

    Raises:
        ATMGCNError: If no folder below it has subjects' folders in it.
    """
    trees = sorted(_trees(spec, root, _DEPTH), key=lambda tree: _rank(spec, str(tree.relative_to(root))))
    if not trees:
        raise ATMGCNError(
            f"{root}: holds no frames of {spec.title}, which lie in folders such as {spec.frames.example}"
        )
    folders: dict[str, Path] = {}
    for path in _entries(spec, trees[0]):
        flat, subject = _flat(spec, path.name), spec.frames.folder.fullmatch(path.name)
        if flat:
            name = _ZEROS.sub("", flat["name"])
            folders[f"{spec.subject_form.format(int(flat['subject']))}/{name}".lower()] = path
        elif subject and path.is_dir():
            for name, recording in _recordings(spec, path, 3):
                folders.setdefault(f"{_subject_id(spec, subject, name)}/{name}".lower(), recording)
    return FrameTree(spec, trees[0], tuple(trees[1:]), folders)


def _subject_id(spec: DatasetSpec, folder: re.Match[str], name: str) -> str:
    """The subject of a folder, or of a clip's name where the folder is not that of a subject."""
    number = folder[1] if folder.re.groups else None
    return spec.subject_form.format(int(number)) if number else spec.subject_of(name)


def _rank(spec: DatasetSpec, path: str) -> tuple[int, int, str]:
    words = [rf"(?<![a-z]){word}(?![a-z])" for word in spec.frames.prefer]
    preferred = next((place for place, word in enumerate(words) if re.search(word, path.lower())), len(words))
    return preferred, len(path), path


def _trees(spec: DatasetSpec, folder: Path, depth: int) -> Iterator[Path]:
    """Folders that hold folders of subjects, or of clips or recordings."""
    inner = _subfolders(folder)
    if any(spec.frames.folder.fullmatch(path.name) for path in inner) or any(
        _flat(spec, path.name) for path in _entries(spec, folder)
    ):
        yield folder
    elif depth:
        for path in inner:
            yield from _trees(spec, path, depth - 1)


def _flat(spec: DatasetSpec, name: str) -> re.Match[str] | None:
    stem = name.rpartition(".")[0] if name.lower().endswith(spec.frames.videos or ("/",)) else name
    return spec.frames.flat.fullmatch(stem) if spec.frames.flat else None


def _recordings(spec: DatasetSpec, folder: Path, depth: int) -> Iterator[tuple[str, Path]]:
    """Names and folders of the clips or recordings in a subject's folder."""
    for path in _entries(spec, folder):
        if path.suffix.lower() in spec.frames.videos and path.is_file():
            yield _recording_name(spec, path.stem), path
            continue
        name = spec.clip_name(path.name)
        inner = [] if name and not spec.frames.colour else _subfolders(path)
        if name or not inner:
            colour = [sub for sub in inner if sub.name.lower() == "color"]  # beside the depth images
            yield name or _recording_name(spec, path.name), colour[0] if colour else path
        elif depth:
            yield from _recordings(spec, path, depth - 1)


def _recording_name(spec: DatasetSpec, name: str) -> str:
    match = spec.frames.recording_name.fullmatch(name) if spec.frames.recording_name else None
    return match[1] if match else name


def _entries(spec: DatasetSpec, folder: Path) -> list[Path]:
    """The folders in a folder and, for datasets that come as videos, the videos."""
    folders = _subfolders(folder)
    if not spec.frames.videos:
        return folders
    return folders + [path for path in sorted(folder.iterdir()) if path.name.lower().endswith(spec.frames.videos)]


def _subfolders(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))
    return [folder / name for name in names]

"""The folder of each clip below a root folder, in the layouts in which the datasets are distributed.

=========== ============================================================================================
dataset     folder of a clip's frames, below any folders
=========== ============================================================================================
CASME II    ``sub01/EP02_01f`` (in ``Cropped`` or ``CASME2_RAW_selected``)
SAMM        ``006/006_1_2``
SMIC-HS     ``s1/micro/negative/s1_ne_01`` (in ``HS``)
CAS(ME)3    ``spNO.1/a/color`` (in ``part_A``), or ``spNO.1_a_355`` where the clips come cut out
=========== ============================================================================================
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
_CUT_CLIP = re.compile(r"spno\.?0*(\d+)_([a-z]\d?)_(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class FrameTree:
    """The folders of frames of one dataset.

    Args:
        root: The folder that holds those of the subjects.
        others: Further trees of the same dataset that were found and are not used.
        folders: Folder of each clip, by ``"subject/name"`` in lower case.
    """

    root: Path
    others: tuple[Path, ...]
    folders: dict[str, Path]

    def folder_of(self, clip: Clip) -> Path | None:
        """The folder of a clip's frames, or None if there is none."""
        stems = [clip.name]
        if clip.dataset == "casme3":  # a_355 is a movement in the recording a
            stems += ["_".join(clip.name.split("_")[:2]), clip.name.partition("_")[0]]
        keys = [f"{clip.subject}/{stem}".lower() for stem in stems]
        return next((self.folders[key] for key in keys if key in self.folders), None)


def find_frames(spec: DatasetSpec, root: Path) -> FrameTree:
    """Find a dataset's frames anywhere below ``root``.

    Raises:
        ATMGCNError: If no folder below it has subjects' folders in it.
    """
    trees = sorted(_trees(spec, root, _DEPTH), key=lambda tree: _rank(spec, str(tree.relative_to(root))))
    if not trees:
        raise ATMGCNError(f"{root}: holds no frames of {spec.title}, which lie in folders such as {spec.example}")
    folders: dict[str, Path] = {}
    for folder in _subfolders(trees[0]):
        cut, subject = _cut_clip(spec, folder.name), spec.folder.fullmatch(folder.name)
        if cut:
            folders[f"spno.{int(cut[1])}/{cut[2].lower()}_{int(cut[3])}"] = folder
        elif subject:
            subject_id = spec.subject_form.format(int(subject[1]))
            for name, clip_folder in _clip_folders(spec, folder, 3):
                folders.setdefault(f"{subject_id}/{name}".lower(), clip_folder)
    return FrameTree(trees[0], tuple(trees[1:]), folders)


def _rank(spec: DatasetSpec, path: str) -> tuple[int, int, str]:
    words = [rf"(?<![a-z]){word}(?![a-z])" for word in spec.prefer]
    preferred = next((place for place, word in enumerate(words) if re.search(word, path.lower())), len(words))
    return preferred, len(path), path


def _trees(spec: DatasetSpec, folder: Path, depth: int) -> Iterator[Path]:
    """Folders that hold folders of subjects, or of cut-out clips."""
    inner = _subfolders(folder)
    if any(spec.folder.fullmatch(path.name) or _cut_clip(spec, path.name) for path in inner):
        yield folder
    elif depth:
        for path in inner:
            yield from _trees(spec, path, depth - 1)


def _cut_clip(spec: DatasetSpec, name: str) -> re.Match[str] | None:
    return _CUT_CLIP.fullmatch(name) if spec.key == "casme3" else None


def _clip_folders(spec: DatasetSpec, folder: Path, depth: int) -> Iterator[tuple[str, Path]]:
    for path in _subfolders(folder):
        name = spec.clip_name(path.name)
        inner = [] if name and spec.key != "casme3" else _subfolders(path)
        if name or not inner:
            colour = [sub for sub in inner if sub.name.lower() == "color"]  # beside the depth images
            yield name or path.name, colour[0] if colour else path
        elif depth:
            yield from _clip_folders(spec, path, depth - 1)


def _subfolders(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))
    return [folder / name for name in names]

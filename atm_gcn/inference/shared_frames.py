"""Recordings of a run that have frames in common with a source: copies of which a part is missing or was changed.

Compared are some pictures of a folder, or the first packets of a video, byte by byte. A recording that was encoded
again has none of them.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from atm_gcn.errors import ATMGCNError
from atm_gcn.inference.sources.folder_search import is_picture
from atm_gcn.media.pictures import picture_bytes
from atm_gcn.media.video.packets import packet_digests

_PICTURES = 5  # of a folder that are compared, evenly spread


class SharedFrames:
    """Finds the recordings that share most of the compared frames with a source.

    Args:
        recordings: Folders of frames and videos; those that are gone are not compared.
    """

    def __init__(self, recordings: Iterable[str]) -> None:
        self.recordings = list(dict.fromkeys(filter(None, recordings)))

    def find(self, source: str) -> list[str]:
        """The recordings that have more than half of the compared pictures or packets of a source."""
        path = Path(source)
        if path.is_dir():
            pictures = _pictures(path)
            places = np.linspace(0, len(pictures) - 1, _PICTURES).round().astype(int).tolist() if pictures else []
            return _most([self._with_picture(pictures[place]) for place in sorted(set(places))])
        return _most([self._with_packet.get(digest, set()) for digest in _packets(source)])

    def _with_picture(self, file: Path) -> set[str]:
        size, digest = file.stat().st_size, _digest_of(file)
        return {recording for recording, other in self._by_size.get(size, ()) if _digest_of(other) == digest}

    @cached_property
    def _by_size(self) -> dict[int, list[tuple[str, Path]]]:
        """The pictures of the folders by their number of bytes, so that few have to be read."""
        groups: dict[int, list[tuple[str, Path]]] = {}
        for recording in self.recordings:
            for file in _pictures(Path(recording)):
                groups.setdefault(file.stat().st_size, []).append((recording, file))
        return groups

    @cached_property
    def _with_packet(self) -> dict[bytes, set[str]]:
        groups: dict[bytes, set[str]] = {}
        for recording in self.recordings:
            for digest in _packets(recording):
                groups.setdefault(digest, set()).add(recording)
        return groups


def _most(found: list[set[str]]) -> list[str]:
    votes = Counter(recording for recordings in found for recording in recordings)
    return sorted(recording for recording, count in votes.items() if 2 * count > len(found))


def _pictures(folder: Path) -> list[Path]:
    """The pictures in a folder in the order of their names; none where there is no folder that can be read."""
    if not folder.is_dir():
        return []
    try:
        return sorted(file for file in folder.iterdir() if is_picture(file) and file.is_file())
    except OSError:
        return []


def _packets(video: str) -> set[bytes]:
    try:
        return packet_digests(Path(video)) if Path(video).is_file() else set()
    except ATMGCNError:
        return set()


@cache
def _digest_of(file: Path) -> str:
    """SHA-256 of a picture file; a name that no other file has where it cannot be read."""
    try:
        return hashlib.sha256(picture_bytes(file)).hexdigest()
    except ATMGCNError:
        return str(file)

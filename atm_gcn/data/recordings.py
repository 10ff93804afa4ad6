"""Which clips are of one recording, by its content rather than its name or place."""

import hashlib
import heapq
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np

from atm_gcn.data.clip import Clip
from atm_gcn.data.identity import linked_groups
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.sources import open_source

_PIECE = 1 << 20  # bytes of a video that are read at its beginning, in its middle and at its end
_MOST_PAIRS = 1000  # of overlapping clips of one recording that are reported
_PICTURES = 5  # of a folder that are read, evenly spread


@dataclass(frozen=True)
class SharedRecording:
    """Two clips of different subjects that are of one recording.

    Args:
        first: Position of one clip.
        second: Position of a later one.
        overlap: Whether they share frames.
        group: Positions of all clips of the recording.
    """

    first: int
    second: int
    overlap: bool
    group: tuple[int, ...]

    def describe(self, clips: Sequence[Clip], first_place: str, allowed: bool) -> str:
        """What the second clip shares with the first, which is at ``first_place``, and how to fix it."""
        source, subject = clips[self.second].source, clips[self.first].subject_key
        if self.overlap:
            found = f"shares frames of the recording {source} with {first_place}, which is of subject {subject}"
            return f"{found}: frames show one person; correct the subject, or remove one of the two"
        found = f"is of the recording {source}, as is {first_place}, which is of subject {subject}"
        if allowed:
            return f"{found}: it shows both, as shared_recordings=allow says"
        return f"{found}: correct the subject, or give --shared-recordings allow if it shows one after the other"


def recording_digest(source: str | Path) -> str:
    """SHA-256 that a recording shares with its copies; empty if there is none at ``source``.

    It covers the size of a video and three pieces of it, or the sizes of all pictures of a folder and the content of
    five, so that it takes the same short time for a long recording.
    """
    path = Path(source)
    if not source:
        return ""
    try:
        return _digest_of_folder(path) if path.is_dir() else _digest_of_file(path)
    except (OSError, ATMGCNError):
        return ""


def shared_recordings(
    clips: Sequence[Clip], digests: Sequence[str] | None = None, read: Callable[[int], np.ndarray] | None = None
) -> list[SharedRecording]:
    """Clips of different subjects that are of one recording: pairs that overlap in time, else the first pair.

    Clips are of one recording if their sources are one place, also through links, or equal in content. The content of
    recordings of blank pictures is ignored. At most a thousand overlapping pairs per recording are returned.

    Args:
        clips: The clips; those without a source are of no recording.
        digests: :func:`recording_digest` of each; by default computed from its source.
        read: Returns some frames of a clip by its position, ``[n, H, W, 3]``; by default from its source.
    """
    digest_of = cache(recording_digest)
    digests = list(digests) if digests else [digest_of(clip.source) for clip in clips]
    blank = _blank_digests(clips, digests, read or (lambda position: _ends_of(clips[position])))
    names = [_places(clip) | {digest} - blank for clip, digest in zip(clips, digests, strict=True)]
    return [pair for group in linked_groups(names) for pair in _pairs(clips, group)]


def is_blank(frames: np.ndarray) -> bool:
    """Whether each of one or more frames ``[n, H, W, 3]`` has one colour, or each row ``[n, C]`` one value."""
    first = frames[:, :1, :1] if frames.ndim == 4 else frames[:, :1]
    return len(frames) > 0 and bool((frames == first).all())


def _places(clip: Clip) -> set[str]:
    return {os.path.normpath(clip.source), os.path.realpath(clip.source)} if clip.source else set()


def _blank_digests(clips: Sequence[Clip], digests: Sequence[str], read: Callable[[int], np.ndarray]) -> set[str]:
    """Digests to ignore: of no recording, or of a blank one; only those of several subjects are read."""
    positions: dict[str, list[int]] = {}
    for position, digest in enumerate(digests):
        positions.setdefault(digest, []).append(position)
    several = {digest: own for digest, own in positions.items() if len({clips[i].subject_key for i in own}) > 1}
    return {digest for digest, own in several.items() if digest and is_blank(read(own[0]))} | {""}


def _ends_of(clip: Clip) -> np.ndarray:
    """The first and the last frame of a clip; none where they cannot be read."""
    try:
        return open_source(clip.source).read([clip.onset, clip.offset])
    except ATMGCNError:
        return np.empty((0, 1, 1, 3), dtype=np.uint8)


def _pairs(clips: Sequence[Clip], group: Sequence[int]) -> Iterator[SharedRecording]:
    overlapping = sorted(islice(_overlaps(clips, group), _MOST_PAIRS))
    first = group[0]
    others = (position for position in group if clips[position].subject_key != clips[first].subject_key)
    different = [] if overlapping else [(first, position) for position in islice(others, 1)]
    members = tuple(group)
    return (SharedRecording(i, j, bool(overlapping), members) for i, j in overlapping or different)


def _overlaps(clips: Sequence[Clip], group: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Pairs of positions, the smaller first, of clips of two subjects that share frames."""
    under_way: dict[str, dict[int, None]] = {}  # by subject, most of whose clips overlap with each other
    ends: list[tuple[int, int]] = []
    for position in sorted(group, key=lambda position: clips[position].onset):
        clip = clips[position]
        while ends and ends[0][0] < clip.onset:
            _, over = heapq.heappop(ends)
            of_subject = under_way[clips[over].subject_key]
            del of_subject[over]
            if not of_subject:
                del under_way[clips[over].subject_key]
        for subject, others in under_way.items():
            if subject != clip.subject_key:
                yield from ((min(other, position), max(other, position)) for other in others)
        under_way.setdefault(clip.subject_key, {})[position] = None
        heapq.heappush(ends, (clip.offset, position))


def _digest_of_file(path: Path) -> str:
    size = path.stat().st_size
    content = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for start in sorted({0, max(0, (size - _PIECE) // 2), max(0, size - _PIECE)}):
            file.seek(start)
            content.update(file.read(_PIECE))
    return content.hexdigest()


def _digest_of_folder(path: Path) -> str:
    source = open_source(path)
    numbers = source.numbers
    some = numbers[np.unique(np.linspace(0, len(numbers) - 1, _PICTURES).round().astype(int))]
    parts = [source.fingerprint(numbers), *(source.fingerprint([number]) for number in some)]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()

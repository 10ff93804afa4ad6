"""Nothing may be on two sides of a fold: no clip, no subject, no recorded frame."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from atm_gcn.data import FrameStore
from atm_gcn.data.clip import Clip
from atm_gcn.errors import ATMGCNError
from atm_gcn.training.splits import Fold


def onset_digests(store: FrameStore) -> list[str]:
    """SHA-256 of the pixels of every clip's onset frame, in the order of the store; empty for a picture of one colour.

    Blank pictures are equal whoever was recorded, so that they tell nothing.
    """
    onsets = (store.read(index)[0] for index in range(len(store)))
    return [hashlib.sha256(onset.tobytes()).hexdigest() if (onset != onset[0, 0]).any() else "" for onset in onsets]


def check_leakage(clips: Sequence[Clip], fold: Fold, onsets: Sequence[str] | None = None) -> None:
    """Make sure that training, validation and held-out clips of a fold share no clip, subject or frame.

    Frames are shared where two clips of one recording overlap in time, or where two clips begin with the same picture.

    Args:
        clips: All clips of the store.
        fold: Positions among them.
        onsets: What :func:`onset_digests` gives; None leaves the pixels alone.

    Raises:
        ATMGCNError: Naming the first two clips, and what they share.
    """
    sides = {"trains": fold.train, "validates": fold.validation, "is held out": fold.test}
    for (role, here), (other_role, there) in combinations(sides.items(), 2):
        for one, other, what in _shared(clips, here, there, onsets):
            raise ATMGCNError(
                f"fold {fold.name}: clip {clips[one].key} {role} and clip {clips[other].key} {other_role}, but {what}; "
                "mend the manifest and prepare again"
            )


def _shared(
    clips: Sequence[Clip], here: Iterable[int], there: Iterable[int], onsets: Sequence[str] | None
) -> Iterator[tuple[int, int, str]]:
    """Pairs of clips on two sides, and what they have in common."""
    keys = {clips[i].key: i for i in here}
    subjects = {clips[i].subject_key: i for i in here}
    pictures = {onsets[i]: i for i in here if onsets[i]} if onsets else {}
    recordings: dict[str, list[int]] = {}
    for i in here:
        recordings.setdefault(clips[i].source, []).append(i)
    for j in there:
        clip = clips[j]
        if clip.key in keys:
            yield keys[clip.key], j, "they are one clip"
        if clip.subject_key in subjects:
            yield subjects[clip.subject_key], j, f"both are of subject {clip.subject_key}"
        for i in recordings.get(clip.source, []) if clip.source else []:
            if clips[i].onset <= clip.offset and clip.onset <= clips[i].offset:
                yield i, j, f"they share frames of {clip.source}"
        if onsets and onsets[j] in pictures:
            yield pictures[onsets[j]], j, "their onset frames are the same picture"

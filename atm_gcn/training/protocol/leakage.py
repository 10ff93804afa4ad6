"""Leakage: training, validation and test of a fold may share no clip, no person, and no recorded moment.

Which clips belong together is found once for a store, by :func:`ties_of`; :func:`check_leakage` looks at every fold.
docs/leakage.md says what is compared, and how often the comparison of pictures is wrong.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data import ClipStore
from atm_gcn.data.clip import Clip
from atm_gcn.data.identity import linked_groups, similarity_keys
from atm_gcn.data.recordings import is_blank, recording_digest, shared_recordings
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.picture_matching import Span, find_matches, thumbnails
from atm_gcn.terminal.progress import track
from atm_gcn.training.protocol.feature_matching import equal_clips, shared_rows
from atm_gcn.training.protocol.splits import Fold

SAMPLED = 32
"""Number of frames of a clip that are compared with those of others, evenly spread."""


_FIX = "fix the manifest and prepare again"


@dataclass(frozen=True)
class Tie:
    """Clips that must be on the same side of every fold.

    Args:
        clips: Their positions in the store, two or more.
        reason: What they have in common.
        fix: How to fix a fold with such clips on two sides.
    """

    clips: tuple[int, ...]
    reason: str
    fix: str = _FIX


def ties_of(store: ClipStore, config: DataConfig) -> list[Tie]:
    """All ties between clips of different subjects.

    Look-alike ids, recordings with several subjects and similar pictures or features count unless ``config`` decides
    otherwise; shared frames, equal onset frames and equal features always do. Pictures and features of subjects whose
    ids look alike are not compared: about these, the ids decide. Pictures of optical flow are compared for equality
    alone: they show the same movement of two people as similar pictures.

    Args:
        store: The clips.
        config: The settings of the data, with the decisions about look-alikes.
    """
    clips = [stored.clip for stored in store.clips]
    features = store.frame_size is None
    ties = list(_recordings(store, clips, allowed=config.shared_recordings == "allow"))
    ties += _equal_features(store) if features else _equal_onsets(store)
    groups = _look_alikes(clips)
    if config.similar_subjects != "distinct":
        ties += [_tie_of_look_alikes(clips, group, store.same_fix.format("subject")) for group in groups]
    if config.similar_pictures != "distinct":
        one_of = {subject: group[0] for group in groups for subject in group}
        people = [one_of.get(clip.subject_key, clip.subject_key) for clip in clips]
        align = config.face != "none"
        if features:
            ties += _shared_features(store, people)
        elif config.flow != "pictures":
            ties += _similar_pictures(store, people, align)
    return ties


def check_leakage(clips: Sequence[Clip], fold: Fold, ties: Iterable[Tie] = ()) -> None:
    """Make sure that training, validation and held-out clips of a fold share no clip, no subject and no tie.

    Args:
        clips: All clips of the store.
        fold: Positions among them.
        ties: From :func:`ties_of`.

    Raises:
        ATMGCNError: Naming the first two clips, and what they share.
    """
    sides = {"trains": fold.train, "validates": fold.validation, "is held out": fold.test}
    role = {position: name for name, positions in sides.items() for position in positions}
    for one, other, tie in _on_two_sides(clips, sides, role, ties):
        raise ATMGCNError(
            f"fold {fold.name}: clip {clips[one].key} {role[one]} and clip {clips[other].key} {role[other]}, but "
            f"{tie.reason}; {tie.fix}"
        )


def _on_two_sides(
    clips: Sequence[Clip], sides: dict[str, list[int]], role: dict[int, str], ties: Iterable[Tie]
) -> Iterator[tuple[int, int, Tie]]:
    for here, there in combinations(sides.values(), 2):
        keys = {clips[position].key: position for position in here}
        subjects = {clips[position].subject_key: position for position in here}
        for position in there:
            clip = clips[position]
            if clip.key in keys:
                yield keys[clip.key], position, Tie((), "they are one clip")
            if clip.subject_key in subjects:
                yield subjects[clip.subject_key], position, Tie((), f"both are of subject {clip.subject_key}")
    order = {name: place for place, name in enumerate(sides)}
    for tie in ties:
        members = sorted((position for position in tie.clips if position in role), key=lambda at: order[role[at]])
        if members and role[members[0]] != role[members[-1]]:
            yield members[0], members[-1], tie


def _look_alikes(clips: Sequence[Clip]) -> list[list[str]]:
    """Groups of subjects' keys in which both dataset and id are likely to mean the same."""
    people = {clip.subject_key: clip for clip in clips}
    keys = [list(product(similarity_keys(one.dataset), similarity_keys(one.subject))) for one in people.values()]
    names = list(people)
    return [[names[position] for position in group] for group in linked_groups(keys)]


def _tie_of_look_alikes(clips: Sequence[Clip], subjects: Sequence[str], fix: str) -> Tie:
    return Tie(
        tuple(position for position, clip in enumerate(clips) if clip.subject_key in subjects),
        f"their subjects {' and '.join(subjects)} look like one person",
        f"{fix} if they are, or give --set data.similar_subjects=distinct",
    )


def _recordings(store: ClipStore, clips: Sequence[Clip], allowed: bool) -> Iterator[Tie]:
    """Clips of one recording: those that overlap in time, and the others too unless that is allowed."""
    digest_of = cache(recording_digest)
    digests = [stored.recording or digest_of(stored.clip.source) for stored in store.clips]
    for pair in shared_recordings(clips, digests, store.read):
        source = clips[pair.second].source
        if pair.overlap:
            yield Tie((pair.first, pair.second), f"they share frames of {source}", store.fix)
        elif not allowed:
            fix = f"{store.fix}, or give --set data.shared_recordings=allow if it shows one person after the other"
            yield Tie(pair.group, f"they are of one recording, {source}", fix)


def _equal_onsets(store: ClipStore) -> Iterator[Tie]:
    """Clips that begin with the same pixels, or whose pictures of optical flow are all the same.

    Blank pictures are ignored, since they are equal for all people.
    """
    positions: dict[str, list[int]] = {}
    flow = store.config.flow == "pictures"  # whose first picture only stands for the onset
    what = "their pictures of optical flow are the same" if flow else "their onset frames are the same picture"
    for index in track(range(len(store)), "pictures compared" if flow else "onset frames compared"):
        compared = store.read(index)[1:] if flow else store.read(index)[:1]
        if not is_blank(compared):
            positions.setdefault(hashlib.sha256(compared.tobytes()).hexdigest(), []).append(index)
    for own in positions.values():
        if len({store.clips[index].clip.subject_key for index in own}) > 1:
            yield Tie(tuple(own), what, store.fix)


def _similar_pictures(store: ClipStore, people: Sequence[str], align: bool) -> Iterator[Tie]:
    """Clips of different people with a picture in common."""
    if len(set(people)) < 2:
        return
    rows = [_sampled(stored.num_frames, stored.apex_position) for stored in store.clips]
    wanted = track(enumerate(rows), "pictures read", total=len(rows))
    pictures = [thumbnails(store.read(index)[own]) for index, own in wanted]
    firsts = np.cumsum([0, *map(len, rows)]).tolist()
    spans = [
        Span(first, len(own), int(np.searchsorted(own, stored.apex_position)))
        for first, own, stored in zip(firsts, rows, store.clips, strict=False)
    ]

    def frame_of(clip: int, row: int) -> np.ndarray:
        return store.read(clip)[rows[clip][row]]

    for match in find_matches(np.concatenate(pictures), spans, people, frame_of if align else None):
        yield Tie(
            (match.first, match.second),
            f"they show one moment of one recording (similarity {match.similarity:.2f})",
            f"{store.fix}, or give --set data.similar_pictures=distinct if they show different people",
        )


def _equal_features(store: ClipStore) -> Iterator[Tie]:
    """Clips of different people that are equal in every value."""
    subjects = [stored.clip.subject_key for stored in store.clips]
    for match in equal_clips([store.read(index) for index in range(len(store))], subjects):
        yield Tie((match.first, match.second), "their features are the same", store.fix)


def _shared_features(store: ClipStore, people: Sequence[str]) -> Iterator[Tie]:
    """Clips of different people with rows in common."""
    for match in shared_rows([store.read(index) for index in range(len(store))], people):
        yield Tie(
            (match.first, match.second),
            f"{match.rows} of the {match.of} rows of features of one are in the other, exactly or nearly",
            f"{store.fix}, or give --set data.similar_pictures=distinct if they are of different people",
        )


def _sampled(num_frames: int, apex: int) -> np.ndarray:
    """Positions of the frames of a clip that are compared, the apex among them."""
    spread = np.linspace(0, num_frames - 1, min(num_frames, SAMPLED)).round().astype(int)
    return np.union1d(spread, [apex])

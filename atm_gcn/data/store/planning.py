"""The plan of a frame store, made before anything is written: its classes, and the frames of every clip."""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np

from atm_gcn.config import DECISIONS, DataConfig
from atm_gcn.data.clip import Clip
from atm_gcn.data.clip_frames import kept_positions, rate_contradiction, timing_of
from atm_gcn.data.clip_pictures.clip_face import NO_FACE, ClipFace, MissingFace, search_clip_face
from atm_gcn.data.identity import normal
from atm_gcn.data.manifest import check_order
from atm_gcn.data.store.meta import FORMAT_VERSION
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.decoding_threads import decoding_threads
from atm_gcn.media.sources import FrameSource, open_source
from atm_gcn.terminal.progress import track

logger = logging.getLogger(__name__)

SHOWN = 5  # clips with several faces that are named


@dataclass(frozen=True)
class PlannedClip:
    """A clip and the frames of it that a store will hold.

    Args:
        clip: The clip.
        source: Its recording.
        numbers: The frame numbers that are stored.
        seconds: When each is shown.
        rate: Frames per second in which their positions count.
        fingerprint: Of these frames; see :meth:`~atm_gcn.media.sources.FrameSource.fingerprint`.
        first: Row of the first of them in the store.
        face: The face that decides which part of every frame is kept; None for whole frames.
    """

    clip: Clip
    source: FrameSource
    numbers: np.ndarray
    seconds: np.ndarray
    rate: float
    fingerprint: str
    first: int = 0
    face: ClipFace | None = None

    @property
    def key(self) -> str:
        """The clip's key and its fingerprint, which changes with the recording."""
        return f"{self.clip.key} {self.fingerprint}"


def class_names(clips: Sequence[Clip], wanted: Sequence[str] | None = None) -> list[str]:
    """The labels in the order of the logits: ``wanted``, or those that occur, sorted.

    Raises:
        ATMGCNError: If a label is not among ``wanted``, one of ``wanted`` has no clip, or there are fewer than two.
    """
    occurring = {clip.label: clip.key for clip in reversed(clips)}
    wanted = None if wanted is None else [normal(name) for name in wanted]
    if not clips:
        raise ATMGCNError("there are no clips to prepare")
    for label, key in occurring.items():
        if wanted is not None and label not in wanted:
            raise ATMGCNError(f"{key}: label {label!r} is not among data.classes ({', '.join(wanted)})")
    classes = sorted(occurring) if wanted is None else list(wanted)
    empty = [label for label in classes if label not in occurring]
    if empty:
        raise ATMGCNError(f"no clip has the class {empty[0]!r} of data.classes; leave it out, or add clips")
    if len(classes) < 2:
        raise ATMGCNError(f"all {len(clips)} clips have the class {classes[0]!r}; at least two classes are needed")
    return classes


class StorePlan:
    """What a frame store of some clips and settings will hold. Recordings are opened on first use, once.

    Args:
        clips: The clips, every label set.
        config: The settings.

    Attributes:
        manifest_checksum: SHA-256 of the clips and the settings, wherever the clips lie.

    Raises:
        ATMGCNError: If the labels do not make classes, as in :func:`class_names`.
    """

    def __init__(self, clips: Sequence[Clip], config: DataConfig) -> None:
        self.clips = clips
        self.config = config
        self.classes = class_names(clips, config.classes)
        self.manifest_checksum = manifest_checksum(clips, config)

    @cached_property
    def planned(self) -> list[PlannedClip]:
        """The frames that every clip keeps, all of which exist.

        Raises:
            ATMGCNError: Naming the clip, if its source or frames are missing or it would keep fewer than two frames.
        """
        return plan_clips(self.clips, self.config)

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of everything that determines the store: clips, settings and, by fingerprint, the recordings."""
        parts = [self.manifest_checksum, *(one.fingerprint for one in self.planned)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def manifest_checksum(clips: Sequence[Clip], config: DataConfig) -> str:
    """SHA-256 of the clips and the settings, without the clips' sources, so that recordings can be moved.

    The view is chosen in training, and settings that earlier versions did not have count where they change something.
    """
    rows = [asdict(clip) | {"source": ""} for clip in clips]
    for row in rows:
        if row["view"] == "frames":
            del row["view"]
    same = {key for key in DECISIONS if getattr(config, key) == DataConfig.model_fields[key].default} | {"view"}
    settings = {key: value for key, value in config.record().items() if key not in same}
    content = json.dumps([FORMAT_VERSION, settings, rows], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


class FaceSearch(NamedTuple):
    """What was found in the frames of all clips.

    Args:
        planned: The clips that are prepared, each with its face.
        left_out: Those that are not, each with the reason.
        uncropped: The keys of those that are prepared without a face, each with the reason.
    """

    planned: list[PlannedClip]
    left_out: dict[str, str]
    uncropped: dict[str, str]


def search_faces(
    planned: Sequence[PlannedClip], config: DataConfig, jobs: int | None = None, progress: bool = False
) -> FaceSearch:
    """Give every clip its face, found in its onset frame or the first later one that shows it.

    Raises:
        ATMGCNError: If a frame cannot be decoded, or every clip would be left out.
    """
    with decoding_threads(jobs) as pool:
        searched = pool.map(lambda one: _face_of(one, config), planned)
        found = list(track(searched, "faces searched", total=len(planned), visible=progress))
    pairs = list(zip(planned, found, strict=True))
    missing = {one.clip.key: face.reason for one, face in pairs if isinstance(face, MissingFace)}
    keep = config.without_face == "keep"
    uncropped = {key: reason for key, reason in missing.items() if keep and reason == NO_FACE}
    left_out = {key: reason for key, reason in missing.items() if key not in uncropped}
    if len(left_out) == len(planned):
        raise _all_left_out(left_out, config)
    stay = [
        replace(one, face=face if isinstance(face, ClipFace) else None)
        for one, face in pairs
        if one.clip.key not in left_out
    ]
    _report_faces(stay, left_out, uncropped, len(planned), config)
    return FaceSearch(_one_after_another(stay), left_out, uncropped)


def _all_left_out(left_out: dict[str, str], config: DataConfig) -> ATMGCNError:
    key, reason = next(iter(left_out.items()))
    if any(reason != NO_FACE for reason in left_out.values()):
        key, reason = next((key, reason) for key, reason in left_out.items() if reason != NO_FACE)
        return ATMGCNError(
            f"none of the {len(left_out)} clips can be used with face_choice={config.face_choice}; {key}: {reason}; "
            "choose another face (--face-choice)"
        )
    return ATMGCNError(
        f"no face found in any frame of the {len(left_out)} clips, the first of which is {key}; "
        f"faces must look towards the camera; otherwise leave face={config.face} out"
    )


def _report_faces(
    planned: Sequence[PlannedClip],
    left_out: dict[str, str],
    uncropped: dict[str, str],
    count: int,
    config: DataConfig,
) -> None:
    """Log which clips show no face or several."""
    faceless = [key for key, reason in left_out.items() if reason == NO_FACE]
    if faceless:
        logger.warning("%d of %d clips show no face and are left out: %s", len(faceless), count, ", ".join(faceless))
    others = [f"{key} ({reason})" for key, reason in left_out.items() if reason != NO_FACE]
    if others:
        logger.warning(
            "%d of %d clips are left out by face_choice=%s: %s",
            *(len(others), count, config.face_choice, ", ".join(others)),
        )
    if uncropped:
        logger.warning(
            "%d of %d clips show no face and stay uncropped: %s", len(uncropped), count, ", ".join(uncropped)
        )
    several = [one for one in planned if one.face is not None and len(one.face.faces) > 1]
    if several:
        names = [f"{one.clip.key} ({len(one.face.faces)})" for one in several[:SHOWN] if one.face is not None]
        more = f" and {len(several) - SHOWN} more" if len(several) > SHOWN else ""
        logger.warning(
            "%d of %d clips show several faces, of which face_choice=%s is taken: %s%s",
            *(len(several), count, config.face_choice, ", ".join(names), more),
        )


def report_notes(planned: Sequence[PlannedClip]) -> None:
    """Log how the recordings were read: each note once, with the number of recordings that have it.

    Call it after decoding, when the depth of pictures is known.
    """
    sources = {one.source.path: one.source for one in planned}
    for note, count in Counter(note for source in sources.values() for note in source.notes).items():
        logger.info("%d of %d recordings: %s", count, len(sources), note)


def plan_clips(clips: Sequence[Clip], config: DataConfig) -> list[PlannedClip]:
    """Choose the frames that every clip keeps, and check that they exist; errors as for :attr:`StorePlan.planned`."""
    sources = cache(open_source)  # clips of one recording share its folder listing
    planned = []
    for clip in track(clips, "recordings opened"):
        check_order(clip.onset, clip.apex, clip.offset, clip.key)
        numbers = np.arange(clip.onset, clip.offset + 1, dtype=np.int64)
        if len(numbers) < 2:
            raise ATMGCNError(f"{clip.key}: has one frame only, onset and offset are both {clip.onset}; it needs two")
        try:
            source = sources(clip.source)
            source.require(numbers)
            timing = timing_of(source, numbers, clip.fps, config)
            apex = None if clip.apex is None else clip.apex - clip.onset
            positions = kept_positions(len(numbers), timing, apex, config)
            kept, rate = numbers[positions], timing.clip_rate(config.fps)
            planned.append(PlannedClip(clip, source, kept, timing.seconds[positions], rate, source.fingerprint(kept)))
        except ATMGCNError as error:
            raise ATMGCNError(f"{clip.key}: {error}") from error
    _warn_of_recordings(planned, config)
    return _one_after_another(planned)


def _warn_of_recordings(planned: Sequence[PlannedClip], config: DataConfig) -> None:
    """Log which recordings are incomplete, and which contradict the frame rate of their clip."""
    sources = {one.source.path: one.source for one in planned}
    for source in sources.values():
        if source.incomplete:
            logger.warning("%s: ends early: %s can be read", source.path, source.incomplete)
    wrong = [text for one in planned if (text := rate_contradiction(one.clip, one.source, config))]
    if wrong:
        logger.warning("%d clips: %s; 'atm-gcn check' lists them", len(wrong), wrong[0])


def _face_of(one: PlannedClip, config: DataConfig) -> ClipFace | MissingFace:
    try:
        return search_clip_face(one.source.iterate(one.numbers), one.numbers, config)
    except ATMGCNError as error:
        raise ATMGCNError(f"{one.clip.key}: {error}") from error


def _one_after_another(planned: Sequence[PlannedClip]) -> list[PlannedClip]:
    firsts = np.cumsum([0, *(len(one.numbers) for one in planned)]).tolist()
    return [replace(one, first=first) for one, first in zip(planned, firsts, strict=False)]

"""The plan of a frame store, made before anything is written: its classes, and the frames of every clip."""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property

import numpy as np

from atm_gcn.config import DECISIONS, DataConfig
from atm_gcn.data.clip import Clip
from atm_gcn.data.clip_frames import kept_positions, rate_contradiction, timing_of
from atm_gcn.data.clip_pictures.clip_face import ClipFace
from atm_gcn.data.identity import normal
from atm_gcn.data.manifest import check_order
from atm_gcn.data.store.meta import FORMAT_VERSION
from atm_gcn.defaults import KINDS
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.sources import DepthFolder, FrameSource, open_source
from atm_gcn.terminal.progress import track

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PlannedClip:
    """A clip and the frames of it that a store will hold.

    Args:
        clip: The clip.
        source: Its recording.
        numbers: The frame numbers that are stored.
        seconds: When each is shown.
        rate: Frames per second in which their positions count.
        fingerprint: Of these frames and their depth; see :meth:`~atm_gcn.media.sources.FrameSource.fingerprint`.
        first: Row of the first of them in the store.
        face: The face that decides which part of every frame is kept; None for whole frames.
        depth: Its pictures of depth; None without.
    """

    clip: Clip
    source: FrameSource
    numbers: np.ndarray
    seconds: np.ndarray
    rate: float
    fingerprint: str
    first: int = 0
    face: ClipFace | None = None
    depth: DepthFolder | None = None

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
    if len(classes) < 2 and not any(clip.action_units for clip in clips):
        raise ATMGCNError(
            f"all {len(clips)} clips have the class {classes[0]!r}; two classes are needed, or action units"
        )
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
    for row, clip in zip(rows, clips, strict=True):
        if clip.shows == "frames":
            del row["view"]
        if clip.kind == KINDS[0]:
            del row["kind"]
    same = {key for key in DECISIONS if getattr(config, key) == DataConfig.model_fields[key].default} | {"view"}
    settings = {key: value for key, value in config.record().items() if key not in same}
    content = json.dumps([FORMAT_VERSION, settings, rows], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def report_notes(planned: Sequence[PlannedClip]) -> None:
    """Log how the recordings were read: each note once, with the number of recordings that have it.

    Call it after decoding, when the depth of pictures is known.
    """
    sources = {one.source.path: one.source for one in planned}
    for note, count in Counter(note for source in sources.values() for note in source.notes).items():
        logger.info("%d of %d recordings: %s", count, len(sources), note)


def plan_clips(clips: Sequence[Clip], config: DataConfig) -> list[PlannedClip]:
    """Choose the frames that every clip keeps, and check that they exist; errors as for :attr:`StorePlan.planned`."""
    sources, depths = cache(open_source), cache(DepthFolder)  # clips of one recording share its folder listing
    planned = []
    for clip in track(clips, "recordings opened"):
        check_order(clip.onset, clip.apex, clip.offset, clip.key)
        numbers = np.arange(clip.onset, clip.offset + 1, dtype=np.int64)
        if len(numbers) < 2:
            raise ATMGCNError(f"{clip.key}: has one frame only, onset and offset are both {clip.onset}; it needs two")
        try:
            source = sources(clip.source)
            source.require(numbers)
            depth = depths(source.path) if config.depth else None
            timing = timing_of(source, numbers, clip.fps, config)
            apex = None if clip.apex is None else clip.apex - clip.onset
            positions = kept_positions(len(numbers), timing, apex, config)
            kept, rate = numbers[positions], timing.clip_rate(config.fps)
            fingerprint = source.fingerprint(kept)
            if depth is not None:
                depth.require(kept)
                fingerprint += depth.fingerprint(kept)
            seconds = timing.seconds[positions]
            planned.append(PlannedClip(clip, source, kept, seconds, rate, fingerprint, depth=depth))
        except ATMGCNError as error:
            raise ATMGCNError(f"{clip.key}: {error}") from error
    _warn_of_recordings(planned, config)
    return one_after_another(planned)


def _warn_of_recordings(planned: Sequence[PlannedClip], config: DataConfig) -> None:
    """Log which recordings are incomplete, and which contradict the frame rate of their clip."""
    sources = {one.source.path: one.source for one in planned}
    for source in sources.values():
        if source.incomplete:
            logger.warning("%s: ends early: %s can be read", source.path, source.incomplete)
    wrong = [text for one in planned if (text := rate_contradiction(one.clip, one.source, config))]
    if wrong:
        logger.warning("%d clips: %s; 'atm-gcn check' lists them", len(wrong), wrong[0])


def one_after_another(planned: Sequence[PlannedClip]) -> list[PlannedClip]:
    """The clips with the rows that they have in a store of these."""
    firsts = np.cumsum([0, *(len(one.numbers) for one in planned)]).tolist()
    return [replace(one, first=first) for one, first in zip(planned, firsts, strict=False)]

"""What a frame store will hold, decided before anything is written: the classes, and the frames of every clip."""

import hashlib
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from tqdm import tqdm

from atm_gcn.config import DataConfig
from atm_gcn.data.clip import Clip
from atm_gcn.data.clip_frames import kept_places, rate_contradiction, timing_of
from atm_gcn.data.identity import normal
from atm_gcn.data.manifest import check_order
from atm_gcn.data.store.frame_store import manifest_checksum
from atm_gcn.errors import ATMGCNError
from atm_gcn.media.decoding_threads import decoding_threads
from atm_gcn.media.face_detection import Box, find_face
from atm_gcn.media.frame_source import FrameSource, open_source

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PlannedClip:
    """What is known of a clip before its frames are stored.

    Args:
        clip: The clip.
        source: Its recording.
        numbers: The frame numbers that are stored.
        seconds: When each is shown.
        rate: Frames per second in which their positions count.
        fingerprint: That of their pictures; see :meth:`~atm_gcn.media.frame_source.FrameSource.fingerprint`.
        first: Row of the first of them in the store.
        box: What is cut out of every frame; None for all of it.
    """

    clip: Clip
    source: FrameSource
    numbers: np.ndarray
    seconds: np.ndarray
    rate: float
    fingerprint: str
    first: int = 0
    box: Box | None = None

    @property
    def key(self) -> str:
        """The clip's key and its fingerprint: another key once the pictures are others."""
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
        raise ATMGCNError(
            f"all {len(clips)} clips have the class {classes[0]!r}; two classes are the least to tell apart"
        )
    return classes


def plan(clips: Sequence[Clip], config: DataConfig) -> list[PlannedClip]:
    """Decide which frames every clip keeps, and look that they exist, before anything is decoded.

    Raises:
        ATMGCNError: Naming the clip, if its source or frames are missing or it would keep fewer than two frames.
    """
    sources = cache(open_source)  # clips of one recording share its folder listing
    planned = []
    for clip in clips:
        check_order(clip.onset, clip.apex, clip.offset, clip.key)
        numbers = np.arange(clip.onset, clip.offset + 1, dtype=np.int64)
        if len(numbers) < 2:
            raise ATMGCNError(f"{clip.key}: has one frame only, onset and offset are both {clip.onset}; it needs two")
        try:
            source = sources(clip.source)
            source.require(numbers)
            timing = timing_of(source, numbers, clip.fps, config)
            places = kept_places(len(numbers), timing, None if clip.apex is None else clip.apex - clip.onset, config)
            kept, rate = numbers[places], timing.clip_rate(config.fps)
            planned.append(PlannedClip(clip, source, kept, timing.seconds[places], rate, source.fingerprint(kept)))
        except ATMGCNError as error:
            raise ATMGCNError(f"{clip.key}: {error}") from error
    _report(planned, config)
    return _one_after_another(planned)


def crop_to_faces(
    planned: Sequence[PlannedClip], jobs: int | None = None, progress: bool = False
) -> tuple[list[PlannedClip], list[Clip]]:
    """Give every clip the box of its face, found in its onset frame or the first later one that shows it.

    Returns:
        The clips that have a face, and those that have none in any of their frames.

    Raises:
        ATMGCNError: If a frame cannot be decoded, or no clip has a face.
    """
    with decoding_threads(jobs) as pool:
        found = pool.map(_face_of, planned)
        boxes = list(tqdm(found, total=len(planned), desc="faces", unit="clip", disable=not progress))
    faceless = [one.clip for one, box in zip(planned, boxes, strict=True) if box is None]
    if len(faceless) == len(planned):
        raise ATMGCNError(
            f"no face found in any frame of the {len(planned)} clips, the first of which is {planned[0].clip.key}; "
            "faces must look towards the camera, or do without face=crop"
        )
    cropped = [replace(one, box=box) for one, box in zip(planned, boxes, strict=True) if box is not None]
    return _one_after_another(cropped), faceless


def plan_checksum(planned: Sequence[PlannedClip], config: DataConfig) -> str:
    """SHA-256 of everything that decides what a store holds: clips, settings and, by fingerprint, the pictures."""
    manifest = manifest_checksum([one.clip for one in planned], config)
    return hashlib.sha256("\n".join([manifest, *(one.fingerprint for one in planned)]).encode()).hexdigest()


def report_notes(planned: Sequence[PlannedClip]) -> None:
    """Log how the recordings were read: each finding once, with the number of recordings that have it.

    The depth of pictures is known once some were decoded.
    """
    sources = {one.source.path: one.source for one in planned}
    for note, count in Counter(note for source in sources.values() for note in source.notes).items():
        logger.info("%d of %d recordings: %s", count, len(sources), note)


def _report(planned: Sequence[PlannedClip], config: DataConfig) -> None:
    """Log which recordings are incomplete, and which frame rates contradict them."""
    sources = {one.source.path: one.source for one in planned}
    for source in sources.values():
        if source.incomplete:
            logger.warning("%s: ends early: %s can be read", source.path, source.incomplete)
    wrong = [text for one in planned if (text := rate_contradiction(one.clip, one.source, config))]
    if wrong:
        logger.warning("%d clips: %s; 'atm-gcn check' lists them", len(wrong), wrong[0])


def _face_of(one: PlannedClip) -> Box | None:
    try:
        return next(filter(None, map(find_face, one.source.iterate(one.numbers))), None)
    except ATMGCNError as error:
        raise ATMGCNError(f"{one.clip.key}: {error}") from error


def _one_after_another(planned: Sequence[PlannedClip]) -> list[PlannedClip]:
    firsts = np.cumsum([0, *(len(one.numbers) for one in planned)]).tolist()
    return [replace(one, first=first) for one, first in zip(planned, firsts, strict=False)]

"""What a frame store will hold, decided before anything is decoded: the classes, and the frames of every clip."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from atm_gcn.config import DataConfig
from atm_gcn.data.clip import Clip
from atm_gcn.data.decoding import kept_numbers
from atm_gcn.data.frames import FrameSource, open_source
from atm_gcn.data.manifest import check_order
from atm_gcn.errors import ATMGCNError


@dataclass(frozen=True)
class PlannedClip:
    """What is known of a clip before anything is decoded: which frames it keeps, and their first row in the store."""

    clip: Clip
    source: FrameSource
    numbers: np.ndarray
    first: int


def class_names(clips: Sequence[Clip], wanted: Sequence[str] | None = None) -> list[str]:
    """The labels in the order of the logits: ``wanted``, or those that occur, sorted.

    Raises:
        ATMGCNError: If a label is not among ``wanted``, one of ``wanted`` has no clip, or there are fewer than two.
    """
    occurring = {clip.label: clip.key for clip in reversed(clips)}
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
    planned, first = [], 0
    for clip in clips:
        check_order(clip.onset, clip.apex, clip.offset, clip.key)
        numbers = np.arange(clip.onset, clip.offset + 1, dtype=np.int64)
        if len(numbers) < 2:
            raise ATMGCNError(f"{clip.key}: has one frame only, onset and offset are both {clip.onset}; it needs two")
        try:
            source = sources(clip.source)
            source.require(numbers)
        except ATMGCNError as error:
            raise ATMGCNError(f"{clip.key}: {error}") from error
        planned.append(PlannedClip(clip, source, kept_numbers(numbers, clip.apex, clip.fps, config), first))
        first += len(planned[-1].numbers)
    return planned
